import type { U64 } from '../protocol/frame-writer.ts';
import type { Dialect } from '../protocol/layout.ts';
import type { BUFFER_TYPE, KERNEL_KIND } from '../protocol/messages.ts';
import type { CoreRange } from '../protocol/reports.ts';

export interface ReportingClientOptions {
  /** Default: /tmp/tt_allocation_server.sock, where servers listen. */
  readonly socketPath?: string;
  /** Default: whether TT_ALLOC_TRACKING_ENABLED is 1, as in TT-Metal. Off, every call returns at once. */
  readonly enabled?: boolean;
  /** What the server was built with; A and B have ALLOC and FREE only. Default: C, which this project's server takes. */
  readonly dialect?: Dialect;
  /**
   * Whether the server is this project's own, so that cores, statistics and failures may be sent. A stock server would
   * miss a circular buffer that comes with its cores, and still subtract it: so by default it comes without. Default: false.
   */
  readonly extension?: boolean;
  /** Reports that wait for the server one by one; beyond them only what is live is remembered. Default: 4096. */
  readonly maxQueued?: number;
}

/** One buffer, circular buffer or kernel. */
export interface ReportedId {
  /** TT-Metal's logical chip id. */
  readonly device: number;
  /** Device address of a buffer, id of a kernel or program. */
  readonly id: bigint;
}

export interface Sized extends ReportedId {
  /** Bytes. */
  readonly size: U64;
}

export interface AllocatedBuffer extends Sized {
  readonly type: keyof typeof BUFFER_TYPE;
}

export interface AllocatedCircularBuffer extends Sized {
  /** Where it is, and its bytes on each of these cores. */
  readonly cores?: CoreRange & { readonly bytesPerCore: U64 };
}

export interface LoadedKernel extends Sized {
  /** Default: APPLICATION. */
  readonly kind?: keyof typeof KERNEL_KIND;
}

/** An allocator's own statistics of one type, in bytes. */
export interface AllocatorStatistics {
  readonly device: number;
  readonly type: keyof typeof BUFFER_TYPE;
  readonly allocatable: U64;
  readonly allocated: U64;
  readonly free: U64;
  readonly largestFreeBlock: U64;
}

/** An allocation that failed for want of memory, in bytes. */
export interface FailedAllocation {
  readonly device: number;
  readonly type: keyof typeof BUFFER_TYPE;
  readonly size: U64;
  readonly largestFreeBlock: U64;
}

export interface ReportingCounts {
  readonly connected: boolean;
  /** Connections that came about since the start: one more for each restart of the server. */
  readonly connections: number;
  /** Reports handed to the kernel, repeated ones too. */
  readonly sent: number;
  /** Reports that no server is ever told of, less those that were on their way when a connection was lost. */
  readonly dropped: number;
  /** Frees of what was not reported as allocated: never sent. */
  readonly unknownFrees: number;
  /** Buffers, circular buffers and kernels that are reported again to a server that comes back. */
  readonly live: number;
}

/**
 * Reports an application's device memory to an allocation server. No call waits, and none throws for want of a server: what it
 * cannot take in time is remembered as what is live, and told when it can. Throws ProtocolError where a field is no such number.
 */
export interface ReportingClient {
  readonly enabled: boolean;
  allocated(buffer: AllocatedBuffer): void;
  freed(buffer: ReportedId): void;
  circularBufferAllocated(buffer: AllocatedCircularBuffer): void;
  circularBufferFreed(buffer: ReportedId): void;
  kernelLoaded(kernel: LoadedKernel): void;
  kernelUnloaded(kernel: ReportedId): void;
  allocatorStatistics(statistics: AllocatorStatistics): void;
  allocationFailed(failure: FailedAllocation): void;
  counts(): ReportingCounts;
  /** Hands over what can be within `milliseconds` (default 250), then closes the connection. Later calls do nothing. */
  close(milliseconds?: number): Promise<void>;
}
