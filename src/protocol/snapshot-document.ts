/**
 * The document that a server with the extension sends after a SNAPSHOT_RESPONSE: JSON in UTF-8, at most
 * MAX_DOCUMENT_BYTES. The types below are the schema; these are its rules:
 *
 * - `schema` is the version it was written in. A later one only adds fields and keeps the meaning of the present
 *   ones. Should that ever be impossible, `minReader` rises: a reader of an older version then refuses the document.
 * - Readers pass over fields that they do not know, and check every field that they do.
 * - A field that is left out is unknown, never 0. `null` is not used.
 * - Whole numbers are JSON numbers below 2^53 and decimal strings from there on (churn counters get that far). A
 *   reader takes either.
 * - Sizes are bytes. Times are seconds since the Unix epoch, with a fraction.
 * - PIDs: `pid` is what the application said; `hostPid` is what the server's host calls it, only where it was proven.
 */

/** The version of the schema that this code writes, and the latest that it knows. */
export const SNAPSHOT_SCHEMA = 1;

/**
 * What a document may measure, so that a peer cannot make a reader read for ever: four times the largest that a server of
 * 32 devices can have to say, with 64 processes on each and 1,024 that have ended. It is read in parts, so it is not
 * what bounds the memory: MAX_ENTRIES does.
 */
export const MAX_DOCUMENT_BYTES = 96 * 2 ** 20;

/**
 * Entries that a document may have of each kind, in all its lists together: what a server of this package can have at
 * most, and four times what 64 processes on each of 32 devices are. A document with more is refused; but of processes
 * that have ended, and of the devices that these held, a reader takes the last ones.
 */
export const MAX_ENTRIES = {
  devices: 1024,
  processes: 8192,
  endedProcesses: 2048,
  endedHoldings: 8192,
  regions: 256,
  regionProcesses: 2048,
} as const;

/** The names by which memory is counted. `host` is SYSTEM_MEMORY: host memory that is pinned for the device. */
export const DOCUMENT_TYPES = ['dram', 'trace', 'l1', 'l1_small', 'cb', 'kernel', 'host'] as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[number];

/** A number for each type that is known. */
export type ByType = Readonly<Partial<Record<DocumentType, number>>>;

export interface SnapshotDocument {
  readonly schema: number;
  /** The oldest reader that understands it. */
  readonly minReader: number;
  readonly takenSeconds?: number;
  readonly server: DocumentServer;
  /** In any order, no id twice. */
  readonly devices: readonly DocumentDevice[];
  /** Kept for 15 minutes after a process has ended. */
  readonly endedProcesses: readonly DocumentEndedProcess[];
  /**
   * What the server has read in TT-Metal's shared memory regions, where it watches them. Nothing of it is in `devices`: a
   * process that writes regions and reports is in both, and its bytes are the same ones.
   */
  readonly regions?: readonly DocumentRegion[];
}

/** All regions of one chip, as they were seen every second. */
export interface DocumentRegion {
  /** The number in their names, decimal: the chip's unique id. */
  readonly chipId: string;
  /** Of the totals, since the server's start. */
  readonly peakBytes: ByType;
  /** The last allocation or free. */
  readonly lastUpdateSeconds?: number;
  /** Those whose host PID was proven and that have not ended. */
  readonly processes: readonly DocumentRegionProcess[];
}

export interface DocumentRegionProcess {
  readonly pid: number;
  readonly hostPid: number;
  readonly startSeconds?: number;
  readonly liveBytes: ByType;
  readonly peakBytes: ByType;
  readonly lastActivitySeconds?: number;
}

export interface DocumentServer {
  readonly version: string;
  readonly startSeconds: number;
  /** Messages taken since the start, by the name of their type. */
  readonly messages: Readonly<Record<string, number>>;
  /** Messages that were not taken, by reason (a short snake_case word). */
  readonly rejectedMessages: Readonly<Record<string, number>>;
  /** Messages that were taken, but may not mean what they were taken for, by reason (a short snake_case word). */
  readonly doubtfulMessages?: Readonly<Record<string, number>>;
  /** Open now, monitors' too. */
  readonly connections?: number;
  /** Taken back from processes that had ended, since the start. */
  readonly reclaimedBytes?: number;
  readonly reclaimedBuffers?: number;
}

/** Monotonic since the server's start. */
export interface DocumentCounters {
  readonly allocations: ByType;
  readonly frees: ByType;
  readonly allocatedBytes: ByType;
  readonly freedBytes: ByType;
}

export interface DocumentDeviceCounters extends DocumentCounters {
  readonly reclaimedBytes: ByType;
  readonly reclaimedBuffers: ByType;
  readonly allocationFailures: ByType;
}

export interface DocumentDevice {
  /** TT-Metal's logical chip id, as applications name it. */
  readonly id: number;
  /** `grayskull`, `wormhole`, `blackhole`, `quasar`; readers pass over names that they do not know. */
  readonly architecture?: string;
  /** After harvesting. */
  readonly capacity: { readonly dramBytes?: number; readonly l1Bytes?: number; readonly l1BytesPerCore?: number };
  /** The kernel-config ring buffer. */
  readonly ring?: { readonly capacityBytes: number; readonly usedBytes: number; readonly programs: number };
  readonly liveBytes: ByType;
  readonly liveBuffers: ByType;
  /** Of `liveBytes`, since the server's start. */
  readonly peakBytes: ByType;
  readonly counters: DocumentDeviceCounters;
  /** The newest that an application has reported. */
  readonly largestFreeBlockBytes: ByType;
  readonly lastFailedAllocationBytes: ByType;
  /** The last allocation or free. */
  readonly lastUpdateSeconds?: number;
  readonly processes: readonly DocumentProcess[];
}

/** What one process holds on one device. */
export interface DocumentProcess {
  readonly pid: number;
  readonly hostPid?: number;
  /** When the process started, where `hostPid` is known. */
  readonly startSeconds?: number;
  /** Its name, where `hostPid` is known. */
  readonly comm?: string;
  /** The server has not seen the process from its start: the bytes are a lower bound. */
  readonly partial: boolean;
  readonly liveBytes: ByType;
  readonly liveBuffers: ByType;
  readonly peakBytes: ByType;
  readonly counters?: DocumentCounters;
  /** When its oldest live buffer was allocated. */
  readonly oldestBufferSeconds?: number;
  readonly lastActivitySeconds?: number;
  /** The fullest core's circular buffers. */
  readonly cbMaxCoreBytes?: number;
  /** Circular buffers by core, in logical coordinates, where applications report cores. */
  readonly cbCores?: readonly { readonly x: number; readonly y: number; readonly bytes: number }[];
}

/** A process that has ended, and what is known of it since it cannot be asked any more. */
export interface DocumentEndedProcess {
  readonly pid: number;
  readonly hostPid?: number;
  readonly startSeconds?: number;
  readonly endedSeconds?: number;
  readonly comm?: string;
  readonly containerId?: string;
  readonly podUid?: string;
  readonly slurmJobId?: string;
  readonly unit?: string;
  readonly devices: readonly {
    readonly id: number;
    readonly peakBytes: ByType;
    /** What it still held at its end. */
    readonly heldBytes: ByType;
  }[];
  /** The same from shared memory regions, where it is known from there. */
  readonly regions?: readonly {
    readonly chipId: string;
    readonly peakBytes: ByType;
    /** What it left behind in its slots. */
    readonly heldBytes: ByType;
  }[];
}
