import { textLength } from './file-outcome.ts';
import type { ResultMemory } from './lane-job.ts';
import type { Lane } from './lanes.ts';
import type { ResultDecoder } from './result-decoder.ts';
import type { Run } from './run.ts';

/** Lanes of one run that the lane thread reads in one go. */
export interface Work {
  readonly run: Run;
  readonly lanes: readonly Lane[];
}

/** Follows a job of the lane thread through the memory it writes to, and hands each lane to its run once it is whole. */
export class JobProgress {
  readonly work: Work;
  readonly #memory: ResultMemory;
  readonly #decoder: ResultDecoder;
  #lane = 0;
  #file = 0;
  #at = 0;
  #seenDone: number;
  #seenAt = performance.now();

  /** `decoder`: for these lanes. */
  constructor(work: Work, memory: ResultMemory, decoder: ResultDecoder) {
    this.work = work;
    this.#memory = memory;
    this.#decoder = decoder;
    this.#seenDone = memory.filesDone;
  }

  /** Hands over the lanes that have become whole since the last call. */
  deliver(): void {
    const done = this.#memory.filesDone;
    for (;;) {
      const lane = this.work.lanes[this.#lane];
      if (lane === undefined || this.#file + lane.files.length > done) return;
      const results = this.#decoder.decode(this.#lane, this.#memory, this.#file, this.#at);
      for (const { maxBytes } of lane.files) this.#at += textLength(this.#memory.outcomes[this.#file++] ?? 0, maxBytes);
      this.#lane += 1;
      this.work.run.accept(lane.key, results);
    }
  }

  /** Lanes that have not been handed over; the first is the one that the thread reads, if it has begun at all. */
  get rest(): readonly Lane[] {
    return this.work.lanes.slice(this.#lane);
  }

  get begun(): boolean {
    return this.#memory.filesDone >= 0;
  }

  /** The thread has only now come to this job. */
  itsTurn(): void {
    this.#seenAt = performance.now();
  }

  /** Since when it has stood still, as far as earlier calls tell; undefined where it has moved since the last one. */
  stoodStillSince(): number | undefined {
    const done = this.#memory.filesDone;
    if (done === this.#seenDone) return this.#seenAt;
    this.#seenDone = done;
    this.#seenAt = performance.now();
    return undefined;
  }
}
