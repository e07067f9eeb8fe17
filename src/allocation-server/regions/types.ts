import type { MemoryBytes } from '../../snapshot/memory-types.ts';
import type { SeenProcess } from '../identity/host-processes.ts';

/** A process slot of a region as one look found it. */
export interface SeenSlot {
  /** Tells it from every other slot: the region's file and the PID in the slot. */
  readonly key: string;
  /** As the writer calls itself. */
  readonly pid: number;
  readonly bytes: Readonly<MemoryBytes>;
  readonly lastUpdateSeconds: number | undefined;
  /** Whose it is; undefined where that is not proven, or proven to be nobody's. */
  readonly owner: SlotOwner | undefined;
}

export interface SlotOwner {
  readonly process: SeenProcess;
  readonly startSeconds: number | undefined;
}

export interface SeenRegion {
  /** The number in its name: the chip's unique id. */
  readonly chipId: bigint;
  readonly totals: Readonly<MemoryBytes>;
  readonly lastUpdateSeconds: number | undefined;
  readonly slots: readonly SeenSlot[];
}

/** Every region that is believed, at one moment. */
export interface RegionLook {
  /** Since the Unix epoch. */
  readonly seconds: number;
  readonly regions: readonly SeenRegion[];
}
