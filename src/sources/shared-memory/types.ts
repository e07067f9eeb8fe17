import type { FileId } from '../source.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';

/** One process slot of a region. */
export interface RegionSlot {
  /** The writer's own view of its PID; -1: being released. Never 0 (an unused slot is left out). */
  readonly pid: number;
  readonly bytes: Readonly<MemoryBytes>;
  /** Seconds since the epoch; undefined where it is 0 or not plausible. */
  readonly lastUpdateSeconds: number | undefined;
  /** What the process called itself: printable, at most 64 characters. */
  readonly name: string;
}

/** What a remote chip's entry in `chip_stats` says: an upper bound only. */
export interface RemoteChipStats {
  readonly chipId: number;
  readonly bytes: Readonly<MemoryBytes>;
}

/** A decoded region: one chip's memory as every process on it reports it. */
export interface Region {
  readonly version: 1 | 2 | 3 | 4;
  /** Version 1 with the sixth counter, `kernel`. */
  readonly kernelLayout: boolean;
  readonly lastUpdateSeconds: number | undefined;
  /** v1: board id; 0 in later versions. */
  readonly boardSerial: bigint;
  /** v1: location of the ASIC on its board; from v2 on the chip's unique id. */
  readonly asicId: bigint;
  /** TT-Metal's logical chip id in the process that attached last; not stable. */
  readonly deviceId: number;
  readonly totals: Readonly<MemoryBytes>;
  readonly slots: readonly RegionSlot[];
  /** Slots whose pid is not 0, of 64. */
  readonly slotsUsed: number;
  readonly remoteChips: readonly RemoteChipStats[];
  /** Where the totals and the sums over the slots disagree even on a second read, for the log. */
  readonly disagreement: string | undefined;
}

export type RegionStatus = 'decoded' | 'unreadable' | 'unsupported' | 'untrusted' | 'initializing';

/** What came of one file. */
export interface RegionReading {
  readonly path: string;
  /** The number in the file's name: the chip's unique id, or without one the logical device number. */
  readonly nameId: bigint;
  /**
   * Inode numbers of the mount namespaces that it was found in, whose processes can write it and nobody else can;
   * undefined where it is in the host's own directory.
   */
  readonly namespaces: readonly number[] | undefined;
  /** undefined where the file could not even be looked at. */
  readonly file: FileId | undefined;
  /** The user who created the file, in this user namespace; undefined as for `file`. */
  readonly ownerUid: number | undefined;
  /** Of the bytes and st_ctime, taken before anything else is looked at; undefined where nothing was read. */
  readonly fingerprint: string | undefined;
  /** Of st_ctime alone. */
  readonly attachMark: string | undefined;
  readonly status: RegionStatus;
  /** What is wrong and what to do about it; undefined where the status is `decoded`. */
  readonly problem: string | undefined;
  /** Set where the status is `decoded`. */
  readonly region: Region | undefined;
}

export interface SharedMemoryReading {
  readonly regions: readonly RegionReading[];
  /** Host PIDs of holders of devices that could not be looked into: they can have regions that are not seen. */
  readonly unseenHolders?: readonly number[];
}
