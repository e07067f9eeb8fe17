import type { CapacityConfig } from '../capacity/config.ts';
import type { MemorySourceChoice, ProcessDetail } from '../collect/types.ts';
import type { AllocationServerReading } from '../sources/allocation-server/types.ts';
import type { KubernetesReading } from '../sources/kubernetes/types.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import type { SharedMemoryReading } from '../sources/shared-memory/types.ts';
import type { SysfsReading } from '../sources/sysfs/types.ts';
import type { MixedNumbers } from './mixed-numbers.ts';
import type { OpenedCards } from './opened-cards.ts';
import type { ProcessBudget } from './process-budget.ts';
import type { TrackedChip } from './tracked-chip.ts';

/** Everything that one collection read. A source's reading is undefined where it was not asked or has nothing. */
export interface JoinInputs {
  readonly takenAtSeconds: number;
  /** Names of the collectors whose numbers the answer shows; others may have been read to tell which chip is which. */
  readonly shown: ReadonlySet<string>;
  readonly sysfs: SysfsReading | undefined;
  readonly procfs: ProcfsReading | undefined;
  readonly sharedMemory: SharedMemoryReading | undefined;
  readonly kubernetes: KubernetesReading | undefined;
  readonly allocationServer: AllocationServerReading | undefined;
  /** The server is there and could not be read. */
  readonly allocationServerFailed: boolean;
  /** From sources beyond the two; they are preferred to both, in this order. */
  readonly furtherTrackers: readonly TrackedChip[];
  readonly memorySource: MemorySourceChoice;
  readonly processDetail: ProcessDetail;
  /** Remembers from one collection to the next which processes were shown. */
  readonly processBudget: ProcessBudget;
  /** Remembers from one collection to the next which cards processes had open. */
  readonly openedCards: OpenedCards;
  /** Remembers which numbers of the server are of several chips. */
  readonly mixedNumbers: MixedNumbers;
  /** Names by uid; undefined where users are not shown. */
  readonly userNames: ReadonlyMap<number, string> | undefined;
  readonly capacityConfig: CapacityConfig | undefined;
  readonly devicesExpected: number | undefined;
  readonly maintenance: boolean | undefined;
}

/** Something that had to be left out of a snapshot because it cannot be told whose it is. */
export interface JoinError {
  readonly collector: string;
  readonly reason: string;
  readonly message: string;
}
