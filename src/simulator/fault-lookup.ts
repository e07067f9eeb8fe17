import { fstatSync, readFileSync, statSync } from 'node:fs';
import type { FaultEntry, FileFault } from './fault-table.ts';

// Bound before anything is patched.
const stat = statSync;
const fstat = fstatSync;
const readFile = readFileSync;

/** The faults of faults.json as they are now: read again whenever the file is another than before. */
export class FaultLookup {
  readonly #path: string;
  #version = '';
  #faults: ReadonlyMap<string, FileFault> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  /** By descriptor or path; undefined where there is no fault, or no such file. */
  find(file: number | string | Buffer | URL): FileFault | undefined {
    this.#refresh();
    if (this.#faults.size === 0) return undefined;
    try {
      const { dev, ino } = typeof file === 'number' ? fstat(file) : stat(file);
      return this.#faults.get(`${dev}:${ino}`);
    } catch {
      // The call that asks will fail by itself.
      return undefined;
    }
  }

  #refresh(): void {
    const status = stat(this.#path, { bigint: true, throwIfNoEntry: false });
    const version = status === undefined ? '' : `${status.ino}:${status.mtimeNs}`;
    if (version === this.#version) return;
    this.#version = version;
    const entries = status === undefined ? [] : (JSON.parse(readFile(this.#path, 'utf8')) as FaultEntry[]);
    this.#faults = new Map(entries.map(({ dev, ino, fault }) => [`${dev}:${ino}`, fault]));
  }
}
