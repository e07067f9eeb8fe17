/** One small file of a lane. */
export interface FileRequest {
  readonly path: string;
  /** What is read at most, in bytes. A longer file is cut there and its result says `truncated`. */
  readonly maxBytes: number;
}

/** Files that stand or fall together: those of one device. Read one after another, apart from other lanes. */
export interface Lane {
  readonly key: string;
  /**
   * Changes when the files behind the paths are others than before (a device that came back at the same address):
   * kept descriptors are then opened anew.
   */
  readonly generation: string;
  readonly files: readonly FileRequest[];
}

/** What came of one file. `code` is `ENOENT`, `ENODATA`, …, or `E524` where userspace has no name for it. */
export type FileResult =
  | { readonly ok: true; readonly text: string; readonly truncated: boolean }
  | { readonly ok: false; readonly code: string };

/** One reading of a set of lanes. */
export interface LaneRun {
  /** Resolves when every lane is read, or the deadline has come. Never rejects. */
  readonly done: Promise<void>;
  /** The lanes that are read so far: results in the order of the lane's files. A lane is here whole or not at all. */
  results(): ReadonlyMap<string, readonly FileResult[]>;
  /** Lanes that are not read (yet), because a read of theirs is blocked, now or since an earlier run. */
  blocked(): readonly string[];
}

/**
 * Reads lanes of small files that a driver may block for ten seconds, uninterruptibly. A blocked lane costs the others
 * nothing, is not read again until its read has come back, and is back in the first run after that.
 */
export interface LaneReader {
  read(lanes: readonly Lane[], signal: AbortSignal): LaneRun;
  /** Closes descriptors and threads; does not wait for a read that is blocked. */
  close(): Promise<void>;
}
