import { OUTCOME, reasonOf } from '../books/outcomes.ts';
import type { Books, ProcessHandle } from '../books/types.ts';
import type { Reporter, Reporters } from '../identity/reporters.ts';
import { PENDING } from './claims.ts';
import type { Claims } from './claims.ts';
import { WaitingReports } from './waiting-reports.ts';
import type { WaitingRoom } from './waiting-reports.ts';

const PROCESS_ID = 20;
const MAX_LOST = 4096;

export interface IntakeOptions {
  readonly books: Books;
  readonly reporters: Reporters;
  readonly claims: Claims;
  readonly room: WaitingRoom;
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
  readonly #waiting: WaitingReports;
  /** PIDs of which a report was refused for want of room. */
  readonly #lost = new Set<number>();

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#waiting = new WaitingReports(options.room);
    options.claims.onSettled = () => {
      this.#takeWaiting();
    };
  }

  take(frame: DataView, offset: number): void {
    const pid = frame.getInt32(offset + PROCESS_ID, true);
    if (pid !== this.#pid || pid === 0) {
      const refusal = this.#resolve(pid);
      if (refusal === PENDING) this.#wait(pid, frame, offset);
      else if (refusal !== undefined) this.#refuse(refusal, frame, offset);
      if (refusal !== undefined) return;
    }
    this.#apply(frame, offset);
  }

  #apply(frame: DataView, offset: number): void {
    const { books, onReport } = this.#options;
    const outcome = books.apply(this.#handle, frame, offset);
    // Its process has ended; another one may have got the PID.
    if (outcome === OUTCOME.UNKNOWN_PROCESS) this.#pid = 0;
    if (this.#fresh !== undefined) this.#noteFirst(this.#fresh, outcome);
    onReport?.(frame, offset, reasonOf(outcome));
  }

  #refuse(reason: string, frame: DataView, offset: number): void {
    const { books, onReport } = this.#options;
    books.countRejected(reason);
    onReport?.(frame, offset, reason);
  }

  #wait(pid: number, frame: DataView, offset: number): void {
    if (this.#waiting.add(pid, frame, offset)) return;
    this.#refuse('too_many_pids', frame, offset);
    if (this.#lost.size < MAX_LOST) this.#lost.add(pid);
  }

  /** One claim of the connection is settled: its reports are taken or refused, and the next one is looked for. */
  #takeWaiting(): void {
    for (const pid of this.#waiting.pids()) {
      const found = this.#options.claims.of(pid);
      if (found === PENDING) return;
      this.#waiting.take(pid, (frames, offset) => {
        this.take(frames, offset);
      });
      if (typeof found !== 'string' && this.#lost.has(pid)) this.#options.reporters.markPartial(found);
    }
    this.#lost.clear();
  }

  #resolve(pid: number): string | typeof PENDING | undefined {
    const found = this.#options.claims.of(pid);
    if (typeof found === 'string' || found === PENDING) {
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
