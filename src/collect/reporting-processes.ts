import type { AllocationServerReading } from '../sources/allocation-server/types.ts';
import { Pace } from '../sources/procfs/pace.ts';
import { isSameStart } from '../sources/procfs/parse-stat.ts';
import { ProcessTable, readBootTime, toHostProcess } from '../sources/procfs/processes.ts';
import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import { Deadline } from './deadline.ts';

/** More than work on the largest host; a server can name any number. */
const MOST = 4096;

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
    const deadline = new Deadline((performance.now() + deadlineAt) / 2);
    const pace = new Pace(deadline);
    for (const [pid, start] of missing) {
      if (pace.due() && !(await pace.rest())) break;
      const process = this.#look(pid);
      if (process?.startTimeSeconds !== undefined && isSameStart(process.startTimeSeconds, start)) {
        processes.set(pid, process);
      }
    }
    deadline.dispose();
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
