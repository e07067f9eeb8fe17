import type { Source, SourceRun, WantedFile } from '../sources/source.ts';
import { Deadline } from './deadline.ts';

/** A source with its last run: a source never runs twice at the same time. */
export class SourceRunner {
  readonly source: Source<unknown>;
  #run: SourceRun<unknown> | undefined;
  #busy = false;

  constructor(source: Source<unknown>) {
    this.source = source;
  }

  /** A new run, or the one that is not over yet. */
  start(deadline: Deadline, wantedFiles: Promise<readonly WantedFile[]>, onDone: (run: SourceRun<unknown>) => void) {
    if (this.#busy && this.#run !== undefined) return this.#run;
    const run = this.source.start({ deadline, wantedFiles });
    this.#run = run;
    this.#busy = true;
    void run.done.then(() => {
      this.#busy = false;
      onDone(run);
    });
    return run;
  }
}

/** One reading of the host, shared by every scrape that comes while it goes on. Sources are started as they are asked for. */
export class Collection {
  readonly takenAtSeconds = Date.now() / 1000;
  readonly runs = new Map<string, SourceRun<unknown>>();
  /** Errors of the join are counted once for all that share the collection. */
  joinErrorsCounted = false;
  readonly #deadline: Deadline;
  readonly #wanted = Promise.withResolvers<readonly WantedFile[]>();
  #pending = 0;

  constructor(deadlineAt: number) {
    this.#deadline = new Deadline(deadlineAt);
  }

  get over(): boolean {
    return this.#pending === 0 || this.#deadline.signal.aborted;
  }

  extendTo(deadlineAt: number): void {
    this.#deadline.extendTo(deadlineAt);
  }

  /** Starts the source unless this collection has it already. */
  ensure(runner: SourceRunner, onDone: (run: SourceRun<unknown>) => void): SourceRun<unknown> {
    const { name } = runner.source;
    const known = this.runs.get(name);
    if (known !== undefined) return known;
    const run = runner.start(this.#deadline, this.#wanted.promise, onDone);
    this.runs.set(name, run);
    this.#pending++;
    void run.done.then(() => {
      this.#pending--;
      if (this.#pending === 0) this.#deadline.dispose();
    });
    return run;
  }

  /** What procfs waits for: told once, when the regions are known or nobody asks for them. */
  setWantedFiles(files: readonly WantedFile[]): void {
    this.#wanted.resolve(files);
  }
}
