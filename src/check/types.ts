import type { HostView } from '../host-view/types.ts';
import type { AllocationServerReading } from '../sources/allocation-server/types.ts';
import type { KubernetesReading } from '../sources/kubernetes/types.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import type { SharedMemoryReading } from '../sources/shared-memory/types.ts';
import type { SourceState } from '../sources/source.ts';
import type { SysfsReading } from '../sources/sysfs/types.ts';

/**
 * `ok`: works; `absent`: there is nothing to read, which may be meant; `warning`: works in part; `failed`: does not.
 */
export type FindingState = 'ok' | 'absent' | 'warning' | 'failed';

/** What was found out about one part of the host, and what to do about it. */
export interface Finding {
  readonly area: string;
  readonly state: FindingState;
  readonly summary: string;
  readonly advice: string | undefined;
}

/** What is behind an address that the exporter would listen at. */
export interface AddressFact {
  readonly address: string;
  /** `protected`: who is there wants a password, or does not speak plain HTTP. */
  readonly state: 'free' | 'exporter' | 'protected' | 'taken' | 'not_possible';
  /** Why it is not possible. */
  readonly problem: string | undefined;
}

/** A configuration file that a flag names. */
export interface FileFact {
  readonly flag: string;
  readonly path: string;
  /** One line; undefined where the file is good. */
  readonly problem: string | undefined;
}

/** Each source's last state; undefined where the source is switched off. */
export interface SourceFacts {
  readonly sysfs: SourceState<SysfsReading> | undefined;
  readonly sharedMemory: SourceState<SharedMemoryReading> | undefined;
  readonly allocationServer: SourceState<AllocationServerReading> | undefined;
  readonly procfs: SourceState<ProcfsReading> | undefined;
  readonly kubernetes: SourceState<KubernetesReading> | undefined;
}

/** Everything that findings are made of. */
export interface CheckFacts {
  readonly sources: SourceFacts;
  readonly view: HostView;
  /** What an allocation server says and is left out, as it cannot be told whose it is: a line each. */
  readonly unresolved: readonly string[];
  /** Of the process that checks: what it may not read, an exporter of the same user may not read. */
  readonly uid: number;
  readonly paths: { readonly shm: string; readonly socket: string; readonly procfs: string };
  readonly addresses: readonly AddressFact[];
  readonly files: readonly FileFact[];
}
