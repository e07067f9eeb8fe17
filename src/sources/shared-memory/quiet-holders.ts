import { fileKey } from '../source.ts';
import type { HolderProcess } from '../source.ts';
import type { RegionReading } from './types.ts';

/** How long a process whose descriptors led to nothing new is not looked through again, and by how much that is spread. */
const QUIET_MS = 8000;
const SPREAD_MS = 4000;

/**
 * Processes whose descriptors lead to no region but those that are found by name, as nearly all of them: looking through
 * 64 descriptors of 64 processes on each scrape costs more than all else. Only a region whose file has been removed, or
 * that lies at no usual place, is found by this alone, so it may be found some seconds late.
 */
export class QuietHolders {
  readonly #now: () => number;
  #until = new Map<string, { readonly startTicks: number; readonly until: number }>();
  #own = '';

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Begins a run: forgets who has ended, and everybody where a region that had been found by name is another or gone. */
  begin(holders: readonly HolderProcess[], own: readonly RegionReading[]): void {
    const files = own.map(({ file }) => (file === undefined ? '' : fileKey(file))).join(' ');
    const known = this.#until;
    this.#until = new Map();
    if (files === this.#own) {
      for (const { path } of holders) {
        const entry = known.get(path);
        if (entry !== undefined) this.#until.set(path, entry);
      }
    }
    this.#own = files;
  }

  has({ path, startTicks }: HolderProcess): boolean {
    const entry = this.#until.get(path);
    return entry?.startTicks === startTicks && this.#now() < entry.until;
  }

  add({ path, pid, startTicks }: HolderProcess): void {
    // Not all of them in one scrape again.
    const until = this.#now() + QUIET_MS + ((pid * 61) % SPREAD_MS);
    this.#until.set(path, { startTicks, until });
  }
}
