import type { Dialect } from '../../protocol/layout.ts';
import type { Architecture } from '../../protocol/messages.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';

export type { Dialect };

export type ServerArchitecture = Architecture;

/** What a server says a chip has. Absent fields were 0 or not believable. */
export interface ServerCapacity {
  readonly dramBytes: number | undefined;
  readonly l1Bytes: number | undefined;
  readonly l1BytesPerCore: number | undefined;
  readonly arch: ServerArchitecture | undefined;
}

/** The kernel-config ring buffer, from dialect C. */
export interface KernelRing {
  readonly capacityBytes: number;
  readonly usedBytes: number;
  readonly programs: number;
}

/** What one process is charged with, from the extension's document. */
export interface ServerProcess {
  /** As the process said. */
  readonly reportedPid: number;
  /** As the server's host sees it, where the server could prove it. */
  readonly hostPid: number | undefined;
  readonly startTimeSeconds: number | undefined;
  /** Its name, where the server has proven which process it is. */
  readonly comm?: string;
  readonly bytes: Readonly<MemoryBytes>;
  /** SYSTEM_MEMORY buffers. */
  readonly hostBytes: number | undefined;
  readonly liveBuffers: Readonly<MemoryBytes>;
  readonly oldestBufferSeconds: number | undefined;
  readonly lastActivitySeconds: number | undefined;
  /** The fullest core's circular buffers. */
  readonly cbMaxCoreBytes: number | undefined;
  /** The server did not see the process from its start: the bytes are a lower bound. */
  readonly partial: boolean;
}

/** Monotonic since the server's start, by type. */
export interface ServerDeviceCounters {
  readonly allocations: Readonly<MemoryBytes>;
  readonly frees: Readonly<MemoryBytes>;
  readonly allocatedBytes: Readonly<MemoryBytes>;
  readonly freedBytes: Readonly<MemoryBytes>;
  readonly reclaimedBytes: Readonly<MemoryBytes>;
  readonly allocationFailures: Readonly<MemoryBytes>;
}

/** One device as the server knows it. */
export interface ServerDevice {
  /** TT-Metal's logical chip id. */
  readonly id: number;
  readonly capacity: ServerCapacity;
  readonly totals: Readonly<MemoryBytes>;
  readonly ring: KernelRing | undefined;
  /** undefined where the server gives totals only (no extension). */
  readonly processes: readonly ServerProcess[] | undefined;
  readonly counters: ServerDeviceCounters | undefined;
  readonly peakBytes: Readonly<MemoryBytes> | undefined;
  readonly largestFreeBlockBytes: Readonly<MemoryBytes> | undefined;
  readonly lastFailedAllocationBytes: Readonly<MemoryBytes> | undefined;
  readonly lastUpdateSeconds: number | undefined;
}

/** A process that has ended, kept for a while by a server with the extension. */
export interface EndedProcess {
  readonly reportedPid: number;
  readonly hostPid: number | undefined;
  readonly startTimeSeconds: number | undefined;
  readonly comm: string;
  readonly endedSeconds: number | undefined;
  readonly containerId: string | undefined;
  readonly podUid: string | undefined;
  readonly slurmJobId: string | undefined;
  readonly unit: string | undefined;
  readonly devices: readonly { readonly id: number; readonly peakBytes: Readonly<MemoryBytes> }[];
  /** The same of what it wrote into shared memory regions, which its devices may have too: the same bytes. */
  readonly regions: readonly { readonly chipId: bigint; readonly peakBytes: Readonly<MemoryBytes> }[];
}

/** What a server that watches the shared memory regions has seen of a chip: what the regions do not keep. */
export interface WatchedChip {
  /** The number in the regions' names. */
  readonly chipId: bigint;
  /** Since the server's start, as far as it was there when the server looked. */
  readonly peakBytes: Readonly<MemoryBytes>;
  /** By host PID. */
  readonly lastActivitySeconds: ReadonlyMap<number, number>;
}

export interface AllocationServerReading {
  /** `untrusted`: the socket's owner is nobody that is believed; nothing was sent to it. */
  readonly status: 'up' | 'untrusted';
  readonly dialect: Dialect | undefined;
  /** Version of the extension; undefined where the server has none. */
  readonly extension: number | undefined;
  readonly startTimeSeconds: number | undefined;
  readonly devices: readonly ServerDevice[];
  readonly endedProcesses: readonly EndedProcess[];
  readonly watchedChips: readonly WatchedChip[];
  /** Counters of the server itself, from the extension. */
  readonly messages: ReadonlyMap<string, number> | undefined;
  readonly rejectedMessages: ReadonlyMap<string, number> | undefined;
  readonly connections: number | undefined;
}
