import { setImmediate } from 'node:timers/promises';
import type { AllocationServerReading } from '../sources/allocation-server/types.ts';
import { SAME_START_SECONDS } from '../sources/procfs/parse-stat.ts';
import { ProcessTable, readBootTime, toHostProcess } from '../sources/procfs/processes.ts';
import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';

/** More than work on the largest host; a server can name any number. */
const MOST = 4096;
/** How long the event loop may be kept busy at a time, in milliseconds. */
const SLICE_MS = 4;

/**
 * Looks up in /proc who reports to the allocation server and is in no list of holders: a driver that hangs in a reset lists
 * nobody, and a card that has gone has no list. Whose memory it is, and that he lives, must be told then too.
 */
export class ReportingProcesses {
  readonly #root: string;
  readonly #table: ProcessTable;
  #bootTime: number | undefined;

  /** `procfs`: where it is. */
  constructor(procfs: string) {
    this.#root = procfs;
    this.#table = new ProcessTable(procfs);
  }

  /** A new collection: everybody is looked at anew. */
  begin(): void {
    this.#table.startRun();
    this.#bootTime = undefined;
  }

  /**
   * The reading with those who were found in half of the time that is left until the deadline, of the clock of
   * performance.now(): the page has to be drawn too. It has to be the process that the server means: its PID may be
   * another's by now, or that of another PID namespace.
   */
  async addTo(procfs: ProcfsReading, server: AllocationServerReading, deadlineAt: number): Promise<ProcfsReading> {
    const missing = unlisted(procfs, server);
    if (missing.size === 0) return procfs;
    const processes = new Map(procfs.processes);
    const until = (performance.now() + deadlineAt) / 2;
    let sliceEnd = performance.now() + SLICE_MS;
    for (const [pid, start] of missing) {
      if (performance.now() >= until) break;
      if (performance.now() >= sliceEnd) {
        await setImmediate();
        sliceEnd = performance.now() + SLICE_MS;
      }
      const process = this.#look(pid);
      const isThat = Math.abs((process?.startTimeSeconds ?? Infinity) - start) <= SAME_START_SECONDS;
      if (process !== undefined && isThat) processes.set(pid, process);
    }
    return { ...procfs, processes };
  }

  #look(pid: number): HostProcess | undefined {
    const process = this.#table.look(pid);
    this.#bootTime ??= readBootTime(this.#root);
    return process && toHostProcess(process, this.#bootTime, undefined);
  }
}

/** Starts by PID, of those whose PID on this host the server has proven. */
function unlisted({ processes }: ProcfsReading, { devices }: AllocationServerReading): Map<number, number> {
  const missing = new Map<number, number>();
  for (const { processes: reporting = [] } of devices) {
    for (const { hostPid, startTimeSeconds } of reporting) {
      if (hostPid === undefined || startTimeSeconds === undefined || processes.has(hostPid)) continue;
      if (missing.size < MOST) missing.set(hostPid, startTimeSeconds);
    }
  }
  return missing;
}
