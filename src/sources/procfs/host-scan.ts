import { DENIED, GONE } from './proc-files.ts';
import { listProcesses } from './rights.ts';
import { scanProcess } from './process-scan.ts';
import { UNFINISHED } from './mapped-files.ts';
import type { FAILED } from './proc-files.ts';
import type { Pace } from './pace.ts';
import type { ProcessScan } from './process-scan.ts';
import type { ProcfsView } from './rights.ts';
import type { ScanTarget } from './scan-target.ts';

/** What a look through all processes found. */
export interface HostScan {
  /** Those that hold something of what was looked for, or are named by it. */
  readonly found: readonly ProcessScan[];
  /** It came to its end before the deadline. */
  readonly finished: boolean;
  /** Everybody who was looked at, by PID; undefined where it was this program, or ended meanwhile. */
  readonly scanned: ReadonlyMap<number, ProcessScan | undefined>;
  /** The first that could not be looked through, for the log; undefined where all were seen. */
  readonly unseen: string | undefined;
}

/** Processes that start during a scan are looked at in a further round, this many times. */
const ROUNDS = 3;

/** Looks through every process that `root` shows but this program itself: it reads regions, and holds none. */
export async function scanHost(root: string, view: ProcfsView, target: ScanTarget, pace: Pace): Promise<HostScan> {
  const found: ProcessScan[] = [];
  const scanned = new Map<number, ProcessScan | undefined>([[view.ownPid, undefined]]);
  let unseen: string | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { pids, all } = listProcesses(root, view);
    if (!all) unseen ??= `${root}: does not list every process`;
    const fresh = pids.filter((pid) => !scanned.has(pid));
    if (fresh.length === 0) break;
    for (const pid of fresh) {
      scanned.set(pid, undefined);
      const scan = await scanProcess(root, pid, target, pace);
      if (scan === UNFINISHED) return { found, finished: false, scanned, unseen };
      if (scan === GONE) continue;
      scanned.set(pid, scan);
      if (scan.failure !== undefined) unseen ??= `${root}/${pid}: ${reason(scan.failure)}`;
      if (scan.files.size > 0 || scan.devices.size > 0 || scan.named.length > 0) found.push(scan);
    }
  }
  return { found, finished: true, scanned, unseen };
}

function reason(failure: typeof DENIED | typeof FAILED): string {
  return failure === DENIED ? 'may not be looked through' : 'could not be looked through';
}
