import { constants, lstat, open, opendir, stat } from 'node:fs/promises';
import type { BigIntStats, Dirent } from 'node:fs';
import { untilAborted } from './until-aborted.ts';

export interface FolderRules<T> {
  readonly path: string;
  /** Whether the path itself may be a symlink. What is in the folder is never followed. */
  readonly mayBeLink: boolean;
  /** What an entry tells; undefined: nothing. It goes by the name, and by the type where the file system gives it. */
  readonly parse: (entry: Dirent) => T | undefined;
  /** Entries that are looked at, whatever they are. */
  readonly maxEntries: number;
}

/** What a folder holds: `more`: it has more entries than are looked at. */
export interface FolderEntries<T> {
  readonly entries: readonly T[];
  readonly more: boolean;
}

/**
 * What came of a look. `late`: the signal was aborted first, or an earlier look still waits for the file system;
 * `remembered` is then what the folder held when it was last read.
 */
export type FolderLook<T> =
  | ({ readonly kind: 'read' } & FolderEntries<T>)
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'late'; readonly remembered: FolderEntries<T> | undefined };

/** Entries between two looks at the signal. */
const BATCH = 256;

/**
 * A folder may change again without its mtime changing, as long as the clock that the file system stamps with stands
 * still: a tick of the kernel, up to 2 s elsewhere. Within that time what was read is not relied on.
 */
const SETTLED_AFTER_MS = 2_500;

/** A folder that is listed anew only where its device, inode, mtime or ctime has changed. */
export class RememberedFolder<T> {
  readonly #rules: FolderRules<T>;
  #stamp: string | undefined;
  #remembered: FolderEntries<T> | undefined;
  #busy = false;

  constructor(rules: FolderRules<T>) {
    this.#rules = rules;
  }

  /** Never rejects, and waits for no file system longer than the signal allows. */
  async look(signal: AbortSignal): Promise<FolderLook<T>> {
    if (this.#busy || signal.aborted) return { kind: 'late', remembered: this.#remembered };
    this.#busy = true;
    const work = this.#read(signal).finally(() => {
      this.#busy = false;
    });
    return (await untilAborted(work, signal)) ?? { kind: 'late', remembered: this.#remembered };
  }

  async #read(signal: AbortSignal): Promise<FolderLook<T> | undefined> {
    try {
      const { path, mayBeLink } = this.#rules;
      const found = await (mayBeLink ? stat(path, { bigint: true }) : lstat(path, { bigint: true }));
      if (this.#remembered === undefined || stampOf(found) !== this.#stamp) await this.#list(signal);
      if (signal.aborted || this.#remembered === undefined) return undefined;
      return { kind: 'read', ...this.#remembered };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      this.#stamp = this.#remembered = undefined;
      return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'failed', code };
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { path, mayBeLink } = this.#rules;
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | (mayBeLink ? 0 : constants.O_NOFOLLOW);
    const handle = await open(path, flags);
    try {
      const found = await handle.stat({ bigint: true });
      const settled = Date.now() - Number(found.mtimeMs) > SETTLED_AFTER_MS;
      // By the descriptor, so that it is the folder that was opened and no link that has taken its place.
      const listed = await this.#entries(`/proc/self/fd/${handle.fd}`, signal);
      if (listed === undefined) return;
      this.#remembered = listed;
      this.#stamp = settled ? stampOf(found) : undefined;
    } finally {
      await handle.close();
    }
  }

  /** Undefined where the signal came first. */
  async #entries(path: string, signal: AbortSignal): Promise<FolderEntries<T> | undefined> {
    const entries: T[] = [];
    let seen = 0;
    let more = false;
    for await (const entry of await opendir(path, { bufferSize: BATCH })) {
      if (signal.aborted) return undefined;
      more = seen === this.#rules.maxEntries;
      if (more) break;
      seen++;
      const told = this.#rules.parse(entry);
      if (told !== undefined) entries.push(told);
    }
    return { entries, more };
  }
}

function stampOf({ dev, ino, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${mtimeNs}:${ctimeNs}`;
}

/** Whether an entry is certainly of another type than these; some file systems give none. */
export function isOtherThan(entry: Dirent, type: 'directory' | 'symlink'): boolean {
  if (type === 'directory' ? entry.isDirectory() : entry.isSymbolicLink()) return false;
  return (
    entry.isFile() ||
    entry.isDirectory() ||
    entry.isSymbolicLink() ||
    entry.isFIFO() ||
    entry.isSocket() ||
    entry.isCharacterDevice() ||
    entry.isBlockDevice()
  );
}
