/** One small file of a lane. */
export interface FileRequest {
  readonly path: string;
  /** What is read at most, in bytes. A longer file is cut there and its result says `truncated`. */
  readonly maxBytes: number;
}

/**
 * Files that stand or fall together: those of one device. Read one after another, apart from other lanes. Handing over
 * the same object again, run after run, saves the comparison of its paths.
 */
export interface Lane {
  /** Unique among all who share the reader: begin it with the source's name. */
  readonly key: string;
  /**
   * Changes when the files behind the paths are others than before (a device that came back at the same address):
   * kept descriptors are then opened anew.
   */
  readonly generation: string;
  readonly files: readonly FileRequest[];
}

/**
 * What came of one file. `text` holds one character a byte (latin1), so that no byte is lost; decode it again where
 * UTF-8 is meant. `code` is `ENOENT`, `ENODATA`, …, or `E` and the number where the system's libraries have no name for
 * it (`E524`: ENOTSUPP inside Linux).
 */
export type FileResult =
  | { readonly ok: true; readonly text: string; readonly truncated: boolean }
  | { readonly ok: false; readonly code: string };

/** One reading of a set of lanes. */
export interface LaneRun {
  /**
   * Resolves when every lane is read, when all that is left has been blocked for longer than a second, now or since an
   * earlier run, or when the signal is aborted. Never rejects.
   */
  readonly done: Promise<void>;
  /**
   * The lanes that are read so far: results in the order of the lane's files. A lane is here whole or not at all.
   * Nothing is added once the run is done.
   */
  results(): ReadonlyMap<string, readonly FileResult[]>;
  /**
   * Lanes that are not read (yet), because a read of theirs is blocked, now or since an earlier run. Once the run is
   * done: all lanes without results, also those that were never begun because blocked reads held every thread.
   */
  blocked(): readonly string[];
}

/**
 * Reads lanes of small files that a driver may block for ten seconds, uninterruptibly. A blocked lane costs the others
 * nothing, is not read again until its read has come back, and is back in the first run after that.
 */
export interface LaneReader {
  /** Never throws. Several runs may go on at once; they share the threads. */
  read(lanes: readonly Lane[], signal: AbortSignal): LaneRun;
  /** Closes descriptors and threads; does not wait for a read that is blocked. Runs that go on are done then. */
  close(): Promise<void>;
}
