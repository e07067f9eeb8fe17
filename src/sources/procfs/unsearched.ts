import { isFailure, listNumbers, readSmallFile } from './proc-files.ts';
import { ownPid } from './processes.ts';
import { parseStatus } from './parse-status.ts';
import type { HostScan } from './host-scan.ts';
import type { ProcessScan } from './process-scan.ts';
import type { ProcfsView } from './rights.ts';
import type { ScanTarget } from './scan-target.ts';

/**
 * The kernel gives PIDs out in turn, so within so few forks no number comes back: the shortest turn that kernels are built
 * with is 32,768, less what is in use.
 */
const FORKS_WITHOUT_REUSE = 8192;

/** Enough of status to have `NSpid:`. */
const STATUS_BYTES = 4096;

/** What is known of a process that was not wholly looked through. */
interface Unsearched {
  /** As which it sees itself. */
  readonly number: number;
  /** Keys of the files that named it when it was looked through, as it then was for these. */
  readonly seenFor: readonly string[];
}

const NOTHING: readonly string[] = [];

/** Mostly they are the same, in the same order. */
function areAmong(keys: readonly string[], all: readonly string[]): boolean {
  return keys.every((key, index) => key === all[index] || all.includes(key));
}

/**
 * Processes that may hold a file though neither a file nor the driver tells of it: a fork()ed child has its parent's
 * descriptors and mappings without having opened anything. They have started since all were looked through, or their
 * mappings were not read, as no file named them. Once a file does, one look is enough: after its birth a process comes to
 * hold no more without opening it.
 */
export class UnsearchedProcesses {
  readonly #root: string;
  #known: { has(pid: number): boolean } = new Set();
  #forks: number | undefined;
  readonly #unsearched = new Map<number, Unsearched>();
  /** The PIDs that each file named in the last search that came to its end. */
  #names = new Map<string, readonly number[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Everybody was looked through. `forks`: how many there had been since boot, read before. */
  reset(scan: HostScan, forks: number | undefined): void {
    this.#known = scan.scanned;
    this.#forks = forks;
    this.#unsearched.clear();
    for (const [pid, process] of scan.scanned) this.settle(pid, process);
  }

  /** Host PIDs of those that are to be looked through now. */
  toSearch(
    target: ScanTarget,
    { view, forks }: { readonly view: ProcfsView; readonly forks: number | undefined },
  ): number[] {
    const started = (forks === undefined || forks !== this.#forks) && this.#update(forks);
    if (!started && this.#namesSame(target)) return [];
    const pids: number[] = [];
    for (const [pid, { number, seenFor }] of this.#unsearched) {
      const keys = target.filesByWriter.get(number);
      if (keys !== undefined && pid !== view.ownPid && !areAmong(keys, seenFor)) pids.push(pid);
    }
    return pids;
  }

  /** It has been looked through, or was not there. Who may not be looked through is a matter of the proof. */
  settle(pid: number, scan: ProcessScan | undefined): void {
    if (scan === undefined || scan.mapped || scan.failure !== undefined) this.#unsearched.delete(pid);
    else this.#unsearched.set(pid, { number: scan.ownPid, seenFor: scan.named });
  }

  /** All that were to be looked through have been. */
  noteSearched({ files }: ScanTarget): void {
    this.#names = new Map([...files].map(([key, { writerPids }]) => [key, writerPids]));
  }

  #namesSame({ files }: ScanTarget): boolean {
    for (const [key, { writerPids }] of files) {
      const before = this.#names.get(key);
      if (before?.length !== writerPids.length || writerPids.some((pid, index) => pid !== before[index])) return false;
    }
    return true;
  }

  /** Takes in who is there now. Whether somebody is new. */
  #update(forks: number | undefined): boolean {
    const pids = listNumbers(this.#root);
    if (isFailure(pids)) return false;
    const reused = forks === undefined || this.#forks === undefined || forks - this.#forks >= FORKS_WITHOUT_REUSE;
    const known = new Set(pids);
    for (const pid of this.#unsearched.keys()) if (!known.has(pid)) this.#unsearched.delete(pid);
    let started = false;
    for (const pid of pids) {
      if (this.#known.has(pid) && !reused) continue;
      const number = this.#numberOf(pid);
      if (number === undefined) known.delete(pid);
      else this.#unsearched.set(pid, { number, seenFor: NOTHING });
      started ||= number !== undefined;
    }
    this.#known = known;
    this.#forks = forks;
    return started;
  }

  /** undefined where it has gone, or cannot be read now. */
  #numberOf(pid: number): number | undefined {
    const bytes = readSmallFile(`${this.#root}/${pid}/status`, STATUS_BYTES);
    const status = isFailure(bytes) ? undefined : parseStatus(bytes.toString('latin1'));
    return status && ownPid({ pid, namespacePids: status.namespacePids });
  }
}
