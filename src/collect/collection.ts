import type { HolderProcess, Source, SourceContext, SourceRun, WantedFile } from '../sources/source.ts';
import { Deadline } from './deadline.ts';
import type { NumbersBefore } from './driver-numbers.ts';

/** The source that tells who holds a device. */
const TELLS_HOLDERS = 'procfs';
/** So much older than a scrape its numbers may be, in milliseconds, where another one has had them read. */
export const SHARED_MS = 500;

/** A source with its last run: a source never runs twice at the same time. */
export class SourceRunner {
  readonly source: Source<unknown>;
  #run: SourceRun<unknown> | undefined;
  #busy = false;

  constructor(source: Source<unknown>) {
    this.source = source;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** A new run, or the one that is not over yet, which knows nothing of this context. */
  start(context: SourceContext, onDone: (run: SourceRun<unknown>) => void): SourceRun<unknown> {
    if (this.#busy && this.#run !== undefined) return this.#run;
    const run = this.source.start(context);
    this.#run = run;
    this.#busy = true;
    void run.done.then(() => {
      this.#busy = false;
      onDone(run);
    });
    return run;
  }
}

/** One reading of the host, shared by the scrapes that come while it goes on. Sources are started as they are asked for. */
export class Collection {
  readonly takenAtSeconds = Date.now() / 1000;
  readonly runs = new Map<string, SourceRun<unknown>>();
  /** Errors of the join are counted once for all that share the collection. */
  joinErrorsCounted = false;
  /** undefined where nobody asks for it. */
  readonly numbersBefore: NumbersBefore | undefined;
  readonly #startedAt = performance.now();
  readonly #deadline: Deadline;
  readonly #wanted = Promise.withResolvers<readonly WantedFile[]>();
  readonly #holders = Promise.withResolvers<readonly HolderProcess[]>();
  #pending = 0;

  constructor(deadlineAt: number, numbersBefore?: NumbersBefore) {
    this.#deadline = new Deadline(deadlineAt);
    this.numbersBefore = numbersBefore;
  }

  /**
   * Whether a scrape that comes now may share it: while its numbers are of now, or as long as holders are looked for, which
   * have to be those of its regions. A source that hangs, as one that asks a server may, must not keep the numbers of all
   * others for whoever comes until its deadline.
   */
  get isOpen(): boolean {
    if (this.#pending === 0 || this.#deadline.signal.aborted) return false;
    const holders = this.runs.get(TELLS_HOLDERS);
    const looksForHolders = holders !== undefined && holders.state().outcome === undefined;
    return this.#isFresh || looksForHolders;
  }

  /** Gives the sources more time. Not for ever: scrapes that overlap would have the same numbers again and again. */
  extendTo(deadlineAt: number): void {
    if (this.#isFresh) this.#deadline.extendTo(deadlineAt);
  }

  /** Starts the source unless this collection has it already. */
  ensure(runner: SourceRunner, onDone: (run: SourceRun<unknown>) => void): SourceRun<unknown> {
    const { name } = runner.source;
    const known = this.runs.get(name);
    if (known !== undefined) return known;
    // A run that is left from an earlier collection tells that one, if anybody.
    if (name === TELLS_HOLDERS && runner.busy) this.setDeviceHolders([]);
    const run = runner.start(this.#context(), onDone);
    this.runs.set(name, run);
    this.#pending++;
    void run.done.then(() => {
      this.#pending--;
      if (name === TELLS_HOLDERS) this.setDeviceHolders([]);
      if (this.#pending === 0) this.#deadline.dispose();
    });
    return run;
  }

  /** What procfs waits for: told once, when the regions are known or nobody asks for them. */
  setWantedFiles(files: readonly WantedFile[]): void {
    this.#wanted.resolve(files);
  }

  /** What the region source waits for: the first word counts, procfs's own or that nothing will come of it. */
  setDeviceHolders(holders: readonly HolderProcess[]): void {
    this.#holders.resolve(holders);
  }

  get #isFresh(): boolean {
    return performance.now() - this.#startedAt <= SHARED_MS;
  }

  #context(): SourceContext {
    return {
      deadline: this.#deadline,
      wantedFiles: this.#wanted.promise,
      deviceHolders: this.#holders.promise,
      tellDeviceHolders: (holders) => {
        this.setDeviceHolders(holders);
      },
    };
  }
}
