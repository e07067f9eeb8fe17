import { GONE } from './proc-files.ts';
import { UNFINISHED } from './mapped-files.ts';
import { scanProcess } from './process-scan.ts';
import { scanTarget } from './scan-target.ts';
import type { DeviceHolders } from './types.ts';
import type { DeviceMatch } from './device-link.ts';
import type { Pace } from './pace.ts';

/**
 * Whether this driver lists the PIDs as their openers see themselves: tt-kmd 2.5 and 2.6. From 2.7 on they are the
 * reader's (tt-kmd: chardev.c).
 */
export function listsOpenersPids(version: string | undefined): boolean {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})\b/.exec(version ?? '') ?? [];
  return major !== undefined && (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 7));
}

/**
 * Finds out which of the listed PIDs are this procfs's own: a container's PID 1 is in the list as 1, and the host's
 * process 1 holds nothing.
 */
export class OpenerPids {
  readonly #root: string;
  readonly #match: DeviceMatch;
  readonly #real: boolean;
  /** Open descriptors by device of each process that was looked at. */
  readonly #own = new Map<number, ReadonlyMap<number, number>>();

  constructor(root: string, match: DeviceMatch, real: boolean) {
    this.#root = root;
    this.#match = match;
    this.#real = real;
  }

  /** Looks at the processes that have not been looked at. False where the deadline came first. */
  async confirm(devices: ReadonlyMap<number, DeviceHolders>, pace: Pace): Promise<boolean> {
    const target = scanTarget([], this.#real, this.#match);
    for (const pid of new Set([...devices.values()].flatMap(({ byPid }) => [...byPid.keys()]))) {
      if (this.#own.has(pid)) continue;
      const scan = await scanProcess(this.#root, pid, target, pace);
      if (scan === UNFINISHED) return false;
      this.#own.set(pid, scan === GONE ? new Map() : scan.devices);
    }
    return true;
  }

  /** The holders with every descriptor counted as invisible that its process does not show, or has not shown yet. */
  confirmed(devices: ReadonlyMap<number, DeviceHolders>): ReadonlyMap<number, DeviceHolders> {
    return new Map([...devices].map(([device, holders]) => [device, this.#confirmedOf(device, holders)]));
  }

  #confirmedOf(device: number, { descriptors, invisible, byPid }: DeviceHolders): DeviceHolders {
    const own = new Map<number, number>();
    let unseen = invisible;
    for (const [pid, listed] of byPid) {
      const shown = Math.min(listed, this.#own.get(pid)?.get(device) ?? 0);
      if (shown > 0) own.set(pid, shown);
      unseen += listed - shown;
    }
    return { descriptors, invisible: unseen, byPid: own };
  }
}
