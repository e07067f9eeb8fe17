import type { KernelRing, ServerCapacity, ServerDeviceCounters } from '../sources/allocation-server/types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { ProcessMemoryDetail, TrackerState } from '../snapshot/snapshot.ts';

/** How a tracker names a chip; the join finds the device label. */
export type ChipReference =
  /** N of /dev/tenstorrent/N. */
  | { readonly by: 'driver_index'; readonly index: number }
  /** TT-Metal's logical chip id, as the allocation server has it. */
  | { readonly by: 'logical_id'; readonly id: number }
  /** The number in a region's file name. */
  | { readonly by: 'unique_id'; readonly id: bigint };

/** A process as a tracker knows it. */
export interface TrackedProcess {
  /** The host's PID, where it is proven. */
  readonly hostPid: number | undefined;
  /** What the process itself says, or what the tracker calls it. */
  readonly reportedPid: number;
  /** Its name as the tracker knows it; '' where it does not. */
  readonly name: string;
  /** Proven gone: its bytes are leaked. */
  readonly gone: boolean;
  readonly bytes: Readonly<MemoryBytes>;
  readonly detail: ProcessMemoryDetail | undefined;
}

/**
 * What one tracker says of one chip. Several of one source and chip (the regions of containers with a /dev/shm of their
 * own) add up.
 */
export interface TrackedChip {
  readonly source: string;
  readonly chip: ChipReference;
  readonly version: string;
  readonly state: TrackerState;
  /** Worth taking numbers from. A region that cannot be read has a state and nothing else. */
  readonly readable: boolean;
  readonly lastUpdateSeconds: number | undefined;
  readonly totals: Readonly<MemoryBytes>;
  /** undefined: totals only. */
  readonly processes: readonly TrackedProcess[] | undefined;
  /** Whether it can be proven that a process is gone: otherwise orphaned bytes are unknown, not 0. */
  readonly provable: boolean;
  /** Somebody is at work on the chip as far as this tracker can see: an idle region that nobody holds says nothing. */
  readonly inUse: boolean;
  readonly slotsUsed: number | undefined;
  readonly extras: TrackerExtras | undefined;
}

/** What only an allocation server tells. */
export interface TrackerExtras {
  readonly capacity: ServerCapacity;
  readonly ring: KernelRing | undefined;
  readonly counters: ServerDeviceCounters | undefined;
  readonly peakBytes: Readonly<MemoryBytes> | undefined;
  readonly largestFreeBlockBytes: Readonly<MemoryBytes> | undefined;
  readonly lastFailedAllocationBytes: Readonly<MemoryBytes> | undefined;
}
