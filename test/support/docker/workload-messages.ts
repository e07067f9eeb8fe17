import type { Holdings } from '../../../src/simulator/patterns.ts';

/** Where the control socket is in the container. */
export const CONTROL = '/run/control';
export const CONTROL_SOCKET = 'control.sock';

/** What a workload in a container is to be, as JSON in its first argument. */
export interface ContainedStart {
  /** comm, and the name in its slots. */
  readonly name: string;
  /** `chipId` in decimal, because JSON has no BigInt. */
  readonly chips: readonly { readonly logicalId: number; readonly chipId: string; readonly remote: boolean }[];
  /** N of /dev/tenstorrent/N that it keeps open. */
  readonly devices: readonly number[];
  readonly regionVersion: 1 | 2 | 3 | 4;
}

/** One line of JSON each way. */
export type ContainedCommand = { readonly kind: 'hold'; readonly chip: number; readonly holdings: Holdings };
export type ContainedAnswer =
  { readonly kind: 'done'; readonly pid: number } | { readonly kind: 'failed'; readonly message: string };

/** What the workload writes to its log when it holds its regions and devices. */
export const READY = 'workload ready';
