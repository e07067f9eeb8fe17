import { OUTCOME, reasonOf } from '../books/outcomes.ts';
import type { Books, ProcessHandle } from '../books/types.ts';
import type { Reporter, Reporters } from '../identity/reporters.ts';
import type { Claims } from './claims.ts';

const PROCESS_ID = 20;

export interface IntakeOptions {
  readonly books: Books;
  readonly reporters: Reporters;
  readonly claims: Claims;
  /** Called with each report and why it was not taken, where lines are printed. */
  readonly onReport: ((frame: DataView, offset: number, reason: string | undefined) => void) | undefined;
}

/** Hands the reports of one connection to the books, each as that of the process it claims to be of. */
export class ReportIntake {
  readonly #options: IntakeOptions;
  /** The claim of the report before: nearly always that of the next one too. */
  #pid = 0;
  #handle: ProcessHandle = 0;
  /** Set until the first report of a process has been taken. */
  #fresh: Reporter | undefined;
  readonly #seen = new WeakSet<Reporter>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  take(frame: DataView, offset: number): void {
    const { books, onReport } = this.#options;
    const pid = frame.getInt32(offset + PROCESS_ID, true);
    if (pid !== this.#pid || pid === 0) {
      const refusal = this.#resolve(pid);
      if (refusal !== undefined) {
        books.countRejected(refusal);
        onReport?.(frame, offset, refusal);
        return;
      }
    }
    const outcome = books.apply(this.#handle, frame, offset);
    // Its process has ended; another one may have got the PID.
    if (outcome === OUTCOME.UNKNOWN_PROCESS) this.#pid = 0;
    if (this.#fresh !== undefined) this.#noteFirst(this.#fresh, outcome);
    onReport?.(frame, offset, reasonOf(outcome));
  }

  #resolve(pid: number): string | undefined {
    const found = this.#options.claims.of(pid);
    if (typeof found === 'string') {
      this.#pid = 0;
      return found;
    }
    this.#pid = pid;
    this.#handle = found.handle;
    if (!this.#seen.has(found)) this.#fresh = found;
    this.#seen.add(found);
    return undefined;
  }

  /** Whoever begins with a FREE of something unknown has allocated it before anybody listened. */
  #noteFirst(reporter: Reporter, outcome: number): void {
    this.#fresh = undefined;
    if (outcome === OUTCOME.UNKNOWN_BUFFER) this.#options.reporters.markPartial(reporter);
  }
}
