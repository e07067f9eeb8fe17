import { hasEnded, parseBootTime, parseForks, parseStat, TICKS_PER_SECOND } from './parse-stat.ts';
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

interface Remembered {
  readonly startTicks: number;
  readonly namespacePids: readonly number[];
  readonly uid: number | undefined;
  readonly group: ProcessGroup;
  readonly readAt: number;
}

/** A process can be moved to another cgroup; that does not have to be seen at once. */
const REREAD_MS = 60_000;

/**
 * The processes that matter, each looked at once a run. Of one that is known by PID and start only stat is read again.
 * What nobody looks at in a run is forgotten.
 */
export class ProcessTable {
  readonly #root: string;
  readonly #now: () => number;
  #remembered = new Map<number, Remembered>();
  #seen = new Map<number, SeenProcess | undefined>();
  #failed = false;

  constructor(root: string, now: () => number = () => performance.now()) {
    this.#root = root;
    this.#now = now;
  }

  /** Ends the run before: everything is looked at anew. */
  startRun(): void {
    for (const pid of this.#remembered.keys()) {
      if (this.#seen.get(pid) === undefined) this.#remembered.delete(pid);
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
    const known = this.#remembered.get(pid);
    if (known?.startTicks === stat.startTicks && this.#now() - known.readAt < REREAD_MS) {
      return { pid, stat, namespacePids: known.namespacePids, uid: known.uid, group: known.group };
    }
    const status = readSmallFile(`${this.#root}/${pid}/status`);
    const cgroup = readSmallFile(`${this.#root}/${pid}/cgroup`);
    this.#note(status);
    // The PID may have got a new owner between the reads: what was read may be the other's, and this one is gone.
    if (this.#readStat(pid)?.startTicks !== stat.startTicks) return undefined;
    const { namespacePids = [], uid } = (isFailure(status) ? undefined : parseStatus(status.toString())) ?? {};
    const group = parseCgroup(isFailure(cgroup) ? '' : cgroup.toString());
    if (!isFailure(status)) {
      this.#remembered.set(pid, { startTicks: stat.startTicks, namespacePids, uid, group, readAt: this.#now() });
    }
    return { pid, stat, namespacePids, uid, group };
  }

  #readStat(pid: number): ProcessStat | undefined {
    const bytes = readSmallFile(`${this.#root}/${pid}/stat`, 4096);
    this.#note(bytes);
    const stat = isFailure(bytes) ? undefined : parseStat(bytes);
    return stat === undefined || hasEnded(stat) ? undefined : stat;
  }

  #note(outcome: Buffer | Failure): void {
    this.#failed ||= isFailure(outcome) && outcome !== GONE;
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
