import type { LaneChanges } from './lane-book.ts';

/**
 * A message to the lane thread: read the lanes of a slot, or do so after taking note of something. It answers each with one
 * message of no content, in order, and one more when it has started.
 */
export type LaneJob = number | ({ readonly slot: number; readonly plan: PlannedLanes | undefined } & LaneChanges);

/** What a slot stands for from now on. */
export interface PlannedLanes {
  /** Lanes to read, in this order. Their files are numbered through. */
  readonly keys: readonly string[];
  readonly memory: SharedArrayBuffer;
}

const FILES_DONE = 0;
const ABANDONED = 1;
const CAPACITY = 2;
const HEADER_WORDS = 4;
const NOT_BEGUN = -1;

/**
 * The memory that the lane thread writes into and the other side reads, while the thread goes on or hangs. 32-bit words
 * in host order: files done, abandoned, capacity in files, one unused; one outcome a file; then the texts' bytes, one
 * after another without a gap. Whatever belongs to the files done is complete: the counter is stored after them.
 */
export class ResultMemory {
  readonly buffer: SharedArrayBuffer;
  /** One a file: see file-outcome.ts. */
  readonly outcomes: Int32Array;
  readonly bytes: Buffer;
  readonly #header: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#header = new Int32Array(buffer, 0, HEADER_WORDS);
    const files = this.#header[CAPACITY] ?? 0;
    this.outcomes = new Int32Array(buffer, HEADER_WORDS * 4, files);
    this.bytes = Buffer.from(buffer, (HEADER_WORDS + files) * 4);
  }

  /** Pages that nobody writes to cost no memory, so the bytes may be the sum of what every file could hold. */
  static allocate(files: number, bytes: number): ResultMemory {
    const buffer = new SharedArrayBuffer((HEADER_WORDS + files) * 4 + bytes);
    new Int32Array(buffer, 0, HEADER_WORDS)[CAPACITY] = files;
    return new ResultMemory(buffer);
  }

  /** Files done by now, or -1 where the thread has not begun. */
  get filesDone(): number {
    return Atomics.load(this.#header, FILES_DONE);
  }

  set filesDone(count: number) {
    Atomics.store(this.#header, FILES_DONE, count);
  }

  /** Nobody waits for the rest any more. */
  get abandoned(): boolean {
    return Atomics.load(this.#header, ABANDONED) !== 0;
  }

  abandon(): void {
    Atomics.store(this.#header, ABANDONED, 1);
  }

  /** Makes it ready for another job. Only while the thread has none. */
  reset(): void {
    Atomics.store(this.#header, ABANDONED, 0);
    Atomics.store(this.#header, FILES_DONE, NOT_BEGUN);
  }
}
