import type { Dialect } from '../sources/allocation-server/types.ts';
import type { Holdings } from './patterns.ts';

export interface WorkloadChip {
  /** TT-Metal's number on the host, and the one that the workload sees. */
  readonly logicalId: number;
  readonly ownId: number;
  readonly chipId: bigint;
  readonly remote: boolean;
  readonly regionPath: string;
}

/** The first message to a workload. */
export interface WorkloadStart {
  readonly kind: 'start';
  readonly name: string;
  /** The PID that it writes into its slots and messages; its own by default. */
  readonly slotPid: number | undefined;
  readonly chips: readonly WorkloadChip[];
  /** Device files that it keeps open. */
  readonly devices: readonly string[];
  /** undefined: it writes no region. */
  readonly region: { readonly version: 1 | 2 | 3 | 4; readonly kernelLayout: boolean } | undefined;
  /** undefined: it reports to no server. */
  readonly server: { readonly path: string; readonly dialect: Dialect } | undefined;
}

/** `hold`: allocate and free until this is held on the chip. `crash`: end at once, with nothing cleaned up. */
export type WorkloadCommand =
  | WorkloadStart
  | { readonly kind: 'hold'; readonly chip: number; readonly holdings: Holdings }
  | { readonly kind: 'stop' }
  | { readonly kind: 'crash' };

export type WorkloadAnswer =
  | { readonly kind: 'started'; readonly hostPid: number; readonly slotPid: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };
