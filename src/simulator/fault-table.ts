import { renameSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';

/**
 * What happens to whoever touches a file. `at`: where it fails. A driver's attribute opens well and fails in read.
 * `block`: a FIFO that is opened before the read goes on, which blocks the thread until somebody writes to it.
 */
export type FileFault =
  { readonly at: 'open' | 'read'; readonly code: string } | { readonly at: 'read'; readonly block: string };

/** A line of faults.json. The file is known by device and inode: a reader keeps descriptors, and paths go through links. */
export interface FaultEntry {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  readonly fault: FileFault;
}

/** The errno of `ENODATA`, …; `E524` is 524, which the driver returns and userspace has no name for. */
export function errnoOf(code: string): number {
  const numbered = /^E(\d+)$/.exec(code)?.[1];
  if (numbered !== undefined) return Number(numbered);
  const errno = new Map<string, number>(Object.entries(constants.errno)).get(code);
  if (errno === undefined)
    throw new TypeError(`unknown error code ${code}: give a name like ENODATA, or E and a number`);
  return errno;
}

/** The faults of a host, kept in a file that faults-preload.ts reads in the program under test. */
export class FaultTable {
  readonly path: string;
  readonly #entries = new Map<string, FaultEntry>();

  constructor(path: string) {
    this.path = path;
    this.#write();
  }

  /** Puts a fault on existing files, whatever becomes of their paths. */
  set(paths: readonly string[], fault: FileFault): void {
    if ('code' in fault) errnoOf(fault.code);
    for (const path of paths) {
      const { dev, ino } = statSync(path);
      this.#entries.set(`${dev}:${ino}`, { path, dev, ino, fault });
    }
    this.#write();
  }

  /** Takes the faults from files that were named by these paths. */
  clear(paths: readonly string[]): void {
    const cleared = new Set(paths);
    for (const [key, entry] of this.#entries) {
      if (cleared.has(entry.path)) this.#entries.delete(key);
    }
    this.#write();
  }

  /** Whole or not at all: the reader looks whenever it likes. */
  #write(): void {
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, JSON.stringify([...this.#entries.values()], undefined, 1));
    renameSync(temporary, this.path);
  }
}
