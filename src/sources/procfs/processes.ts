import { hasEnded, parseBootTime, parseForks, parseStat, TICKS_PER_SECOND } from './parse-stat.ts';
import type { KeptTexts } from '../../io/kept-texts.ts';
import { GONE, isFailure, readSmallFile } from './proc-files.ts';
import { parseCgroup } from './parse-cgroup.ts';
import { parseStatus } from './parse-status.ts';
import type { HostProcess, ProcessGroup } from './types.ts';
import type { Failure } from './proc-files.ts';
import type { ProcessStat } from './parse-stat.ts';

/** What is known of a process that was there when this run looked. */
export interface SeenProcess {
  readonly pid: number;
  readonly stat: ProcessStat;
  readonly namespacePids: readonly number[];
  readonly uid: number | undefined;
  readonly group: ProcessGroup;
}

interface Remembered extends Omit<SeenProcess, 'pid' | 'stat'> {
  readonly startTicks: number;
  readonly readAt: number;
}

/** A process can be moved to another cgroup; that does not have to be seen at once. */
const REREAD_MS = 60_000;

/** More than a line of stat has. */
export const STAT_BYTES = 4096;

/**
 * The processes that matter, each looked at once a run. Of one that is known by PID and start only stat is read again.
 * What nobody looks at in a run is forgotten.
 */
export class ProcessTable {
  readonly #root: string;
  readonly #now: () => number;
  readonly #stats: KeptTexts | undefined;
  #remembered = new Map<number, Remembered>();
  #seen = new Map<number, SeenProcess | undefined>();
  #failed = false;
  /** Whose stat has been read, and is not forgotten. */
  readonly #kept = new Set<number>();

  /**
   * `stats`: reads stat through descriptors that stay open, which never tell of another process: they give ESRCH when their
   * own has ended. Whoever made it closes it.
   */
  constructor(root: string, now: () => number = () => performance.now(), stats?: KeptTexts) {
    this.#root = root;
    this.#now = now;
    this.#stats = stats;
  }

  /** Ends the run before: everything is looked at anew. */
  startRun(): void {
    for (const pid of this.#remembered.keys()) {
      if (this.#seen.get(pid) === undefined) this.#remembered.delete(pid);
    }
    for (const pid of this.#kept) {
      if (this.#seen.get(pid) !== undefined) continue;
      this.#stats?.forget(this.#statPath(pid));
      this.#kept.delete(pid);
    }
    this.#seen = new Map();
    this.#failed = false;
  }

  /** In this run a process could not be read that may be there: too many open files, or the like. */
  get failed(): boolean {
    return this.#failed;
  }

  /** undefined where there is no such process, it has ended (zombies too), or may not be looked at. */
  look(pid: number): SeenProcess | undefined {
    if (this.#seen.has(pid)) return this.#seen.get(pid);
    const process = this.#read(pid);
    this.#seen.set(pid, process);
    return process;
  }

  /** The same, but from now: the PID may have passed to another process since the first look. */
  lookAgain(pid: number): SeenProcess | undefined {
    this.#seen.delete(pid);
    return this.look(pid);
  }

  #read(pid: number): SeenProcess | undefined {
    const stat = this.#readStat(pid);
    if (stat === undefined) return undefined;
    const folder = `${this.#root}/${pid}`;
    const known = this.#remembered.get(pid);
    if (known?.startTicks === stat.startTicks && this.#now() - known.readAt < REREAD_MS) {
      const { namespacePids, uid, group } = known;
      return { pid, stat, namespacePids, uid, group };
    }
    const status = readSmallFile(`${folder}/status`);
    const cgroup = readSmallFile(`${folder}/cgroup`);
    this.#note(status);
    // The PID may have got a new owner between the reads: what was read may be the other's, and this one is gone.
    if (this.#readStat(pid)?.startTicks !== stat.startTicks) return undefined;
    const { namespacePids = [], uid } = (isFailure(status) ? undefined : parseStatus(status.toString())) ?? {};
    const group = parseCgroup(isFailure(cgroup) ? '' : cgroup.toString());
    const read = { namespacePids, uid, group };
    if (!isFailure(status)) {
      this.#remembered.set(pid, { ...read, startTicks: stat.startTicks, readAt: this.#now() });
    }
    return { pid, stat, ...read };
  }

  #statPath(pid: number): string {
    return `${this.#root}/${pid}/stat`;
  }

  #readStat(pid: number): ProcessStat | undefined {
    // Where it cannot be read, the path tells why.
    const bytes = this.#readKept(pid) ?? readSmallFile(this.#statPath(pid), STAT_BYTES);
    this.#note(bytes);
    const stat = isFailure(bytes) ? undefined : parseStat(bytes);
    return stat === undefined || hasEnded(stat) ? undefined : stat;
  }

  #note(outcome: Buffer | Failure): void {
    this.#failed ||= isFailure(outcome) && outcome !== GONE;
  }

  #readKept(pid: number): Buffer | undefined {
    if (this.#stats === undefined) return undefined;
    this.#kept.add(pid);
    return this.#stats.read(this.#statPath(pid));
  }
}

/** The PID that a process sees itself as, which is what it writes down for others; its host PID on old kernels. */
export function ownPid(process: { readonly pid: number; readonly namespacePids: readonly number[] }): number {
  return process.namespacePids.at(-1) ?? process.pid;
}

/** What is used of <root>/stat. */
export interface HostStat {
  /** Seconds since the epoch at boot. */
  readonly bootTime: number | undefined;
  /** Processes and threads started since then. */
  readonly forks: number | undefined;
}

export function readHostStat(root: string): HostStat {
  // Behind the counts of interrupts, which can be long on hosts with many cores.
  const bytes = readSmallFile(`${root}/stat`);
  const text = isFailure(bytes) ? '' : bytes.toString('latin1');
  return { bootTime: parseBootTime(text), forks: parseForks(text) };
}

/** Seconds since the epoch at boot, from <root>/stat. */
export function readBootTime(root: string): number | undefined {
  return readHostStat(root).bootTime;
}

export function toHostProcess(
  process: SeenProcess,
  bootTime: number | undefined,
  mountNamespace: number | undefined,
): HostProcess {
  return {
    pid: process.pid,
    parentPid: process.stat.parentPid,
    startTimeSeconds: bootTime === undefined ? undefined : bootTime + process.stat.startTicks / TICKS_PER_SECOND,
    comm: process.stat.comm,
    namespacePids: process.namespacePids,
    mountNamespace,
    uid: process.uid,
    cgroup: process.group,
  };
}
