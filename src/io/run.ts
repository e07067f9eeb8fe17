import type { FileResult, Lane, LaneRun } from './lanes.ts';

/** Since when a read of a lane has been outstanding, on the clock of `performance.now()`; undefined where none is. */
export type HeldSince = (key: string) => number | undefined;

/** What a run has to know of the reader. Times are in milliseconds. */
export interface RunContext {
  readonly heldSince: HeldSince;
  readonly onRead: (key: string) => void;
  /** A read that takes longer: its lane counts as blocked, and gives its place to the next. */
  readonly blockedAfterMs: number;
  /** A read that takes longer: a run that waits for nothing else is done without its lane. */
  readonly patienceMs: number;
}

/** One reading of a set of lanes, filled by whoever reads them. */
export class Run implements LaneRun {
  readonly done: Promise<void>;
  readonly #pending: Set<string>;
  readonly #results = new Map<string, readonly FileResult[]>();
  readonly #context: RunContext;
  #resolve: () => void = () => undefined;
  #over = false;

  constructor(lanes: readonly Lane[], context: RunContext) {
    this.#pending = new Set(lanes.map((lane) => lane.key));
    this.#context = context;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get over(): boolean {
    return this.#over;
  }

  results(): ReadonlyMap<string, readonly FileResult[]> {
    return this.#results;
  }

  blocked(): readonly string[] {
    const pending = [...this.#pending];
    return this.#over ? pending : pending.filter((key) => this.#isHeldFor(key, this.#context.blockedAfterMs));
  }

  accept(key: string, results: readonly FileResult[]): void {
    if (this.#over || !this.#pending.delete(key)) return;
    this.#results.set(key, results);
    this.#context.onRead(key);
    this.review();
  }

  /** Ends the run if nothing is left that is worth waiting for. */
  review(): void {
    for (const key of this.#pending) {
      if (!this.#isHeldFor(key, this.#context.patienceMs)) return;
    }
    this.end();
  }

  end(): void {
    this.#over = true;
    this.#resolve();
  }

  #isHeldFor(key: string, milliseconds: number): boolean {
    const since = this.#context.heldSince(key);
    return since !== undefined && performance.now() - since > milliseconds;
  }
}
