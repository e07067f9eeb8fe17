import { isFailure, listNumbers, readSmallFile } from './proc-files.ts';
import { ownPid } from './processes.ts';
import { parseStatus } from './parse-status.ts';
import type { ProcfsView } from './rights.ts';

/**
 * The kernel gives PIDs out in turn, so within so few forks no number comes back: the shortest turn that kernels are built
 * with is 32,768, less what is in use.
 */
const FORKS_WITHOUT_REUSE = 8192;

/** Enough of status to have `NSpid:`. */
const STATUS_BYTES = 4096;

/**
 * Processes that have started since all were looked through. A fork()ed child has its parent's descriptors and mappings
 * without having opened anything, so neither a file nor the driver tells of it; and after its birth it comes to hold no
 * more without opening it. So one look at each is enough, and only at those whose number a file names.
 */
export class Newcomers {
  readonly #root: string;
  #known: ReadonlySet<number> = new Set();
  #forks: number | undefined;
  /** Not looked through yet: by host PID, as which it sees itself. */
  readonly #waiting = new Map<number, number>();

  constructor(root: string) {
    this.#root = root;
  }

  /** These have all been looked through. `forks`: how many there had been since boot, read before. */
  reset(pids: ReadonlySet<number>, forks: number | undefined): void {
    this.#known = pids;
    this.#forks = forks;
    this.#waiting.clear();
  }

  /** Host PIDs of those that are to be looked through, as they see themselves under one of these numbers. */
  namedBy(
    numbers: { has(pid: number): boolean },
    { view, forks }: { readonly view: ProcfsView; readonly forks: number | undefined },
  ): number[] {
    if (forks === undefined || forks !== this.#forks) this.#update(forks);
    this.#waiting.delete(view.ownPid);
    return [...this.#waiting].filter(([, number]) => numbers.has(number)).map(([pid]) => pid);
  }

  /** It has been looked through, or was not there. */
  settle(pid: number): void {
    this.#waiting.delete(pid);
  }

  /** Takes in who is there now. */
  #update(forks: number | undefined): void {
    const pids = listNumbers(this.#root);
    if (isFailure(pids)) return;
    const reused = forks === undefined || this.#forks === undefined || forks - this.#forks >= FORKS_WITHOUT_REUSE;
    const known = new Set(pids);
    for (const pid of this.#waiting.keys()) if (!known.has(pid)) this.#waiting.delete(pid);
    for (const pid of pids) {
      if (this.#known.has(pid) && !reused) continue;
      const number = this.#numberOf(pid);
      if (number === undefined) known.delete(pid);
      else this.#waiting.set(pid, number);
    }
    this.#known = known;
    this.#forks = forks;
  }

  /** undefined where it has gone, or cannot be read now. */
  #numberOf(pid: number): number | undefined {
    const bytes = readSmallFile(`${this.#root}/${pid}/status`, STATUS_BYTES);
    const status = isFailure(bytes) ? undefined : parseStatus(bytes.toString('latin1'));
    return status && ownPid({ pid, namespacePids: status.namespacePids });
  }
}
