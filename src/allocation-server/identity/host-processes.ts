import { opendirSync } from 'node:fs';
import type { Dir } from 'node:fs';
import { hasEnded, parseStat, TICKS_PER_SECOND } from '../../sources/procfs/parse-stat.ts';
import type { ProcessStat } from '../../sources/procfs/parse-stat.ts';
import { parseStatus } from '../../sources/procfs/parse-status.ts';
import { GONE, isFailure, readLinkText, readSmallFile } from '../../sources/procfs/proc-files.ts';
import { ProcessTable, readBootTime } from '../../sources/procfs/processes.ts';
import type { SeenProcess } from '../../sources/procfs/processes.ts';

export type { SeenProcess };

/** How far up a process's parents are followed, and how many processes a look through /proc reads. */
const MAX_GENERATIONS = 64;
const MAX_LOOKED_AT = 20_000;
const STAT_BYTES = 4096;
/** Entries of /proc that are read at once. */
const LISTED_AT_ONCE = 32;

/** What /proc tells of the processes that report. All of it is read at once: procfs asks no device. */
export class HostProcesses {
  readonly #root: string;
  readonly #table: ProcessTable;

  constructor(root: string) {
    this.#root = root;
    this.#table = new ProcessTable(root);
  }

  /**
   * Whether the PIDs below the root are those that sockets tell to this process. A procfs of another PID namespace has
   * others.
   */
  get isOwnNamespace(): boolean {
    return readLinkText(`${this.#root}/self`) === String(process.pid);
  }

  /** As it is now; undefined where it has ended, or may not be looked at. */
  look(pid: number): SeenProcess | undefined {
    this.#table.startRun();
    return this.#table.lookAgain(pid);
  }

  /** Now, on the clock of `startTicks`; undefined where it cannot be told. */
  nowTicks(): number | undefined {
    const bytes = readSmallFile(`${this.#root}/uptime`);
    const seconds = isFailure(bytes) ? NaN : Number.parseFloat(bytes.toString('latin1'));
    return Number.isNaN(seconds) ? undefined : Math.floor(seconds * TICKS_PER_SECOND);
  }

  /** Seconds since the Unix epoch, by the time of boot, which is known to a second. */
  startSeconds(startTicks: number): number | undefined {
    const boot = readBootTime(this.#root);
    return boot === undefined ? undefined : boot + startTicks / TICKS_PER_SECOND;
  }

  /**
   * Whether the process that started then under this PID has ended; a zombie has. Only what /proc says for certain
   * counts: a file that cannot be read for want of descriptors says nothing.
   */
  hasEnded(pid: number, startTicks: number): boolean {
    const bytes = readSmallFile(`${this.#root}/${pid}/stat`, STAT_BYTES);
    if (bytes === GONE) return true;
    const stat = isFailure(bytes) ? undefined : parseStat(bytes);
    return stat !== undefined && (stat.startTicks !== startTicks || hasEnded(stat));
  }

  /** The PIDs here of the processes that call themselves one of `ownPids`. A process is read at each step. */
  *whoCallThemselves(ownPids: ReadonlySet<number>): Generator<undefined, ReadonlyMap<number, readonly number[]>> {
    const found = new Map<number, number[]>();
    for (const pid of this.#pids()) {
      const name = this.#ownPid(pid);
      if (name !== undefined && ownPids.has(name)) found.set(name, [...(found.get(name) ?? []), pid]);
      yield;
    }
    return found;
  }

  /** Whether `ancestor` is a parent, grandparent, … of `pid`. */
  descends(pid: number, ancestor: number): boolean {
    let at = pid;
    for (let generation = 0; generation < MAX_GENERATIONS; generation++) {
      const parent = this.#stat(at)?.parentPid ?? 0;
      if (parent === ancestor) return true;
      if (parent <= 1) return false;
      at = parent;
    }
    return false;
  }

  /** Read in parts as it is drawn on: all at once takes some ten milliseconds where there are many. */
  *#pids(): Generator<number> {
    let folder: Dir | undefined;
    try {
      folder = opendirSync(this.#root, { bufferSize: LISTED_AT_ONCE });
      let looked = 0;
      for (let entry = folder.readSync(); entry !== null && looked < MAX_LOOKED_AT; entry = folder.readSync()) {
        if (!/^[1-9]\d{0,9}$/.test(entry.name)) continue;
        looked++;
        yield Number(entry.name);
      }
    } catch {
      // Too many open files, say: then nobody is found.
    } finally {
      folder?.closeSync();
    }
  }

  #ownPid(pid: number): number | undefined {
    const bytes = readSmallFile(`${this.#root}/${pid}/status`);
    const status = isFailure(bytes) ? undefined : parseStatus(bytes.toString());
    return status === undefined ? undefined : (status.namespacePids.at(-1) ?? pid);
  }

  #stat(pid: number): ProcessStat | undefined {
    const bytes = readSmallFile(`${this.#root}/${pid}/stat`, STAT_BYTES);
    return isFailure(bytes) ? undefined : parseStat(bytes);
  }
}
