import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { updateInPlace } from './attribute-file.ts';
import { FakeProc } from './fake-proc.ts';
import type { FakeProcess } from './fake-proc.ts';
import { atLeast, FEATURES } from './driver.ts';
import { MAJOR } from './sysfs-tree.ts';

/**
 * /proc of a simulated host: who has which device open, when the host started, and the processes that belong to it:
 * links to real ones, or made up.
 */
export class SimulatedProcfs {
  readonly path: string;
  readonly #root: string;
  readonly #processes: FakeProc;
  /** One PID for each open descriptor, in the order of opening, by driver index. */
  readonly #holders = new Map<number, number[]>();

  /** `bootTime`: seconds since the epoch; the real host's by default, so that real start times are right. */
  constructor(root: string, driverVersion: string | undefined, bootTime = realBootTime()) {
    this.#root = root;
    this.path = join(root, 'proc');
    this.#processes = new FakeProc(this.path, bootTime);
    this.#processes.putDriver(driverVersion === undefined ? undefined : MAJOR);
    const lists = driverVersion !== undefined && atLeast(driverVersion, FEATURES.pids);
    mkdirSync(join(this.path, lists ? 'driver/tenstorrent' : 'driver'), { recursive: true });
  }

  /** Shows a real process. */
  show(pid: number): void {
    this.#processes.link(pid);
  }

  /** Shows a made-up process, which has these devices open, by driver index. */
  put(process: FakeProcess, driverIndexes: readonly number[] = []): void {
    this.#processes.put(process);
    for (const index of driverIndexes) this.open(index, process.pid);
  }

  /** Takes a process away, real or made up, with the devices it had open. */
  hide(pid: number): void {
    this.#processes.remove(pid);
    for (const [driverIndex, pids] of this.#holders) {
      if (pids.includes(pid)) {
        this.#setHolders(
          driverIndex,
          pids.filter((holder) => holder !== pid),
        );
      }
    }
  }

  /** Adds open descriptors of a device. PID 0: a process that the reader's namespace cannot see. */
  open(driverIndex: number, pid: number, descriptors = 1): void {
    const pids = this.#holders.get(driverIndex) ?? [];
    this.#setHolders(driverIndex, [...pids, ...Array.from({ length: descriptors }, () => pid)]);
  }

  /** The device is there no more, or is another one. */
  forget(driverIndex: number): void {
    this.#holders.delete(driverIndex);
    this.#countOpens();
  }

  #setHolders(driverIndex: number, pids: number[]): void {
    this.#holders.set(driverIndex, pids);
    const path = join(this.path, 'driver/tenstorrent', String(driverIndex), 'pids');
    // Not there before driver 2.5.
    if (existsSync(path)) updateInPlace(path, pids.map((pid) => `${pid}\n`).join(''));
    this.#countOpens();
  }

  #countOpens(): void {
    const path = join(this.#root, 'sys/module/tenstorrent/refcnt');
    const opens = [...this.#holders.values()].reduce((sum, pids) => sum + pids.length, 0);
    if (existsSync(path)) updateInPlace(path, `${opens}\n`);
  }
}

function realBootTime(): number {
  const line = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
  if (line === undefined) throw new Error('/proc/stat has no btime line: the simulated host needs a Linux /proc');
  return Number(line);
}
