import type { TotalsFields } from '../../protocol/answers.ts';
import type { DocumentEndedProcess, DocumentRegion, DocumentType } from '../../protocol/snapshot-document.ts';

/** A process in the books. Only what `open` gave is one; after `end` its reports are refused. */
export type ProcessHandle = number;

/** What is known of a process that reports. Replaced as a whole when more becomes known. */
export interface ProcessFacts {
  /** What it says in `process_id`. */
  readonly pid: number;
  /** Only where it was proven. */
  readonly hostPid?: number;
  /** Seconds since the Unix epoch, where `hostPid` is known. */
  readonly startSeconds?: number;
  /**
   * It was not seen from its start: what is known of its memory is a lower bound. The books say so as well of one whose
   * reports they had no room for.
   */
  readonly partial: boolean;
  readonly comm?: string;
  readonly containerId?: string;
  readonly podUid?: string;
  readonly slurmJobId?: string;
  readonly unit?: string;
}

/** What is known of a device without opening it. */
export interface DeviceFacts {
  readonly architecture?: string;
  /** After harvesting. */
  readonly capacity: { readonly dramBytes?: number; readonly l1Bytes?: number; readonly l1BytesPerCore?: number };
}

/** What clients may make the books grow to. What is beyond is refused and counted. */
export interface BooksLimits {
  /** Buffers and circular buffers with cores. */
  readonly buffers: number;
  readonly buffersAProcess: number;
  /** At most 2048. */
  readonly processes: number;
  readonly devices: number;
  readonly devicesAProcess: number;
  /** Pairs of a process and a device, at most 16384. */
  readonly holdings: number;
  readonly endedProcesses: number;
}

/** What the server says of itself in the snapshot document; the rest of that is in the books. */
export interface SnapshotServer {
  readonly version: string;
  readonly startSeconds: number;
  readonly connections: number;
}

/** What another tracker knows, which the document carries beside the books. */
export interface WatchedRegions {
  readonly regions: readonly DocumentRegion[];
  /** Oldest first. */
  readonly endedProcesses: readonly DocumentEndedProcess[];
}

/**
 * A snapshot document in the making. Its numbers are those of the moment when it was begun, all of them, except the
 * circular buffers by core (`cbCores`, `cbMaxCoreBytes`), which are of the moment when their entry was written.
 */
export interface SnapshotJob {
  /** Makes a bounded part of it. True when `chunks` are whole. */
  step(): boolean;
  /** The document in UTF-8, in pieces, and how many bytes that is together. Complete once `step` gave true. */
  readonly chunks: readonly Buffer[];
  readonly bytes: number;
}

/** A buffer that is allocated, for DUMP_REMAINING. */
export interface RemainingBuffer {
  readonly deviceId: number;
  readonly process: ProcessFacts;
  readonly type: DocumentType;
  readonly bufferId: bigint;
  readonly size: number;
  readonly references: number;
  readonly allocatedSeconds: number;
}

/** What a process holds of one kind that is not told apart further (circular buffers, kernels), for DUMP_*. */
export interface RemainingSum {
  readonly deviceId: number;
  readonly process: ProcessFacts;
  readonly bytes: number;
  readonly buffers: number;
}

/**
 * Who holds which device memory, from what applications report. Nothing here waits, reads or writes; no call takes
 * more than a bounded time except where it says so. Reports make no garbage.
 */
export interface Books {
  /**
   * The clock, seconds since the Unix epoch: set it before a batch of reports, and once a second at least. Records of
   * ended processes leave by it.
   */
  setTime(seconds: number): void;

  /**
   * The process of that identity (any text that tells processes apart: namespace, PID, start time …), new or known;
   * undefined where there are too many. The facts are those of the newest call.
   */
  open(identity: string, facts: ProcessFacts): ProcessHandle | undefined;
  update(process: ProcessHandle, facts: ProcessFacts): void;
  /** Takes back what the process holds, counts that as reclaimed, and keeps a record of it for 15 minutes. */
  end(process: ProcessHandle): void;
  /**
   * Takes the report whose frame begins at `offset`; 72 bytes must be there, of whatever dialect. Gives TAKEN (0), or
   * why not (`reasonOf`), which is counted already. `process_id` is not looked at: `process` says whose it is.
   */
  apply(process: ProcessHandle, frames: DataView, offset: number): number;

  /** Counts a message that somebody else has taken (a query) or refused. `reason`: a short snake_case word. */
  countMessage(type: number): void;
  countRejected(reason: string): void;

  /** What is known of a device. It is then in the snapshot even when nobody reports about it. */
  setDevice(deviceId: number, facts: DeviceFacts): void;
  deviceFacts(deviceId: number): DeviceFacts | undefined;
  /** Ascending. */
  deviceIds(): number[];
  /** For stock monitors: SYSTEM_MEMORY is in L1_SMALL, as they know it. Zeros for a device nobody has spoken of. */
  stockTotals(deviceId: number): TotalsFields;

  /** Buffers as they are found while it is drawn on; ones that come or go meanwhile may be in it or not. */
  remainingBuffers(): IterableIterator<RemainingBuffer>;
  remainingSums(type: 'cb' | 'kernel'): RemainingSum[];

  /** Copies the numbers (some 0.1 ms for 1000 pairs of process and device); the rest is done by its steps. */
  beginSnapshot(server: SnapshotServer, watched?: WatchedRegions): SnapshotJob;

  /**
   * Does a bounded part (at most some 0.2 ms) of what is put off: the buffers of ended processes, and giving memory
   * back after a peak. True when there is more; call it again when nothing else waits. Reports do some of it as well.
   */
  tidy(): boolean;
}
