import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** What tells a file from its successor: it was replaced, or written to. */
export function fileVersion({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** Tells when files have changed and then stayed the same: one that is being written looks emptier than it is meant. */
export class SettledChange {
  #used: ReadonlyMap<string, string>;
  #last: ReadonlyMap<string, string>;

  /** Files in use, by path, with their versions. */
  constructor(used: ReadonlyMap<string, string>) {
    this.#used = used;
    this.#last = used;
  }

  use(used: ReadonlyMap<string, string>): void {
    this.#used = used;
    this.#last = used;
  }

  /** How the files are: as they were used; changed since the last look; or changed, but not since then. */
  async look(): Promise<'same' | 'changing' | 'changed'> {
    const used = this.#used;
    const now = await versions(used);
    if (used !== this.#used) return 'same';
    const settled = isSame(this.#last, now);
    this.#last = now;
    if (isSame(used, now)) return 'same';
    return settled ? 'changed' : 'changing';
  }
}

/** '' for a file that is not there. */
async function versions(files: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of files.keys()) {
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    found.set(path, stats === undefined ? '' : fileVersion(stats));
  }
  return found;
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return [...one].every(([path, version]) => other.get(path) === version);
}
