import type { Deadline } from '../collect/deadline.ts';

/**
 * `ok`: read; `no_data`: there is nothing to read on this host (no server, no region, no driver), which is not a
 * failure; `failed`: there is something and it could not be read.
 */
export type Outcome = 'ok' | 'no_data' | 'failed';

/** Something that could not be read or believed. `reason` is a short snake_case word: it becomes a label. */
export interface ReadError {
  readonly reason: string;
  /** Names the file, socket or field and says what to do, for the log. */
  readonly message: string;
}

/** What a run of a source has by now. */
export interface SourceState<T> {
  /** `undefined` while it still runs. */
  readonly outcome: Outcome | undefined;
  /** What has been read so far; complete once there is an outcome. */
  readonly data: T | undefined;
  readonly errors: readonly ReadError[];
  /** Until now, or until the end. */
  readonly durationSeconds: number;
}

/** One reading of one source. */
export interface SourceRun<T> {
  /** Resolves when the run is over, in time or not. Never rejects. */
  readonly done: Promise<void>;
  /** What is there by now: a scrape whose own deadline comes first takes this. */
  state(): SourceState<T>;
}

/** A file by device and inode: what tells two regions of one chip apart, whatever their paths are. */
export interface FileId {
  readonly dev: number;
  readonly ino: number;
}

/** A file whose holders another source wants to know. */
export interface WantedFile {
  readonly file: FileId;
  /** Changes whenever the file's bytes or its st_ctime do: while it does not, "nobody holds it" stays true. */
  readonly fingerprint: string;
  /** Changes whenever its st_ctime does, as with each attach. */
  readonly attachMark: string;
  /** PIDs that the file names, each as its writer saw itself. */
  readonly writerPids: readonly number[];
  /** Changes whenever the bytes do that belong to this PID: while neither does, "nobody is that PID" stays true. */
  readonly writerMark: (pid: number) => string;
}

/** A process that holds a device. */
export interface HolderProcess {
  /** Its folder: /proc/<pid>. */
  readonly path: string;
  readonly pid: number;
  /** Field 22 of stat: the smaller, the older. */
  readonly startTicks: number;
  /** Inode number of its mount namespace; undefined where it may not be known. */
  readonly mountNamespace: number | undefined;
}

export interface SourceContext {
  /** When the run must be over. It can move later while the run goes on: see Deadline. */
  readonly deadline: Deadline;
  /** The files whose holders are wanted, once they are known (procfs waits for the region source). Never rejects. */
  readonly wantedFiles: Promise<readonly WantedFile[]>;
  /**
   * Who holds a device, once procfs knows: it finds that out before it waits for the wanted files, so that the region
   * source can look into their mount namespaces before it tells these. Nobody where procfs does not run. Never rejects.
   */
  readonly deviceHolders?: Promise<readonly HolderProcess[]>;
  /** For procfs, to tell them; the first word counts. */
  readonly tellDeviceHolders?: (holders: readonly HolderProcess[]) => void;
}

/**
 * One place that numbers come from. It knows nothing of metrics. Between runs it may remember what saves work, never
 * what it publishes, but for counters that wrap between two scrapes: see FlitSampler.
 */
export interface Source<T> {
  readonly name: string;
  /** Never throws. One run at a time: the collection sees to it. */
  start(context: SourceContext): SourceRun<T>;
  /** Re-reads configuration, if it has any. */
  reload?(): Promise<void>;
  /** Lets go of descriptors, threads and connections; resolves when nothing is left, as far as that can be waited for. */
  close(): Promise<void>;
}

/** The key of a file in maps. */
export function fileKey(file: FileId): string {
  return `${file.dev}:${file.ino}`;
}
