/** "No buffer", where the number of one could be. */
export const NONE = -1;

/** Words of a buffer (i32). The last four hold two doubles: SIZE and TIME. */
export const WORD = {
  ID_LOW: 0,
  ID_HIGH: 1,
  /** Who holds it and what it is, as `BufferTable` packs them; NONE in a free place. */
  OWNER: 2,
  /** How many references it has; for circular buffers their cores. */
  COUNT: 3,
  /** Neighbours among the buffers of the same owner, from the oldest to the newest; among free places otherwise. */
  PREVIOUS: 4,
  NEXT: 5,
  /** Neighbours among the buffers of the same owner and id. */
  OLDER: 6,
  NEWER: 7,
} as const;

/** Doubles of a buffer. */
export const DOUBLE = { SIZE: 4, TIME: 5 } as const;

const WORDS_A_BUFFER = 12;
const DOUBLES_A_BUFFER = WORDS_A_BUFFER / 2;
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;
const CHUNK_BYTES = CHUNK * WORDS_A_BUFFER * Int32Array.BYTES_PER_ELEMENT;
const NO_DOUBLES = new Float64Array();

/**
 * Places for buffers in typed arrays, 48 bytes each, numbered from 0. It grows and shrinks by chunks of 4096 places,
 * so that neither takes long. The chunks are resizable, because such memory goes back to the system at once: a fixed array
 * goes back to the C library, which keeps it.
 */
export class BufferPool {
  readonly #words: Int32Array<ArrayBuffer>[] = [];
  readonly #doubles: Float64Array[] = [];
  #firstFree = NONE;
  #used = 0;
  /** Places below it have been used once. */
  #top = 0;

  get used(): number {
    return this.#used;
  }

  get top(): number {
    return this.#top;
  }

  /** More than half of the places are free, and it is worth giving them back. */
  get sparse(): boolean {
    return this.#top > 2 * this.#used + CHUNK;
  }

  word(at: number, field: number): number {
    return this.#words[at >>> CHUNK_BITS]?.[(at & (CHUNK - 1)) * WORDS_A_BUFFER + field] ?? NONE;
  }

  setWord(at: number, field: number, value: number): void {
    const words = this.#words[at >>> CHUNK_BITS];
    if (words !== undefined) words[(at & (CHUNK - 1)) * WORDS_A_BUFFER + field] = value;
  }

  double(at: number, field: number): number {
    const doubles = this.#doubles[at >>> CHUNK_BITS] ?? NO_DOUBLES;
    return doubles[(at & (CHUNK - 1)) * DOUBLES_A_BUFFER + field] ?? NaN;
  }

  setDouble(at: number, field: number, value: number): void {
    const doubles = this.#doubles[at >>> CHUNK_BITS];
    if (doubles !== undefined) doubles[(at & (CHUNK - 1)) * DOUBLES_A_BUFFER + field] = value;
  }

  /** Puts what `double` gives into an array. Here and below the numbers stay inside: one handed on can cost an object. */
  copyDouble(at: number, field: number, to: Float64Array, index: number): void {
    const doubles = this.#doubles[at >>> CHUNK_BITS];
    if (doubles === undefined) to[index] = NaN;
    else to[index] = doubles[(at & (CHUNK - 1)) * DOUBLES_A_BUFFER + field] ?? NaN;
  }

  /** Whether one was allocated after the other. */
  isLater(at: number, than: number): boolean {
    return this.double(at, DOUBLE.TIME) > this.double(than, DOUBLE.TIME);
  }

  /** A free place; what is in it is not cleared. */
  take(): number {
    this.#used++;
    const free = this.#firstFree;
    if (free !== NONE) {
      this.#unlink(free);
      return free;
    }
    if (this.#top === this.#words.length * CHUNK) this.#grow();
    return this.#top++;
  }

  give(at: number): void {
    this.#used--;
    this.setWord(at, WORD.OWNER, NONE);
    this.setWord(at, WORD.PREVIOUS, NONE);
    this.setWord(at, WORD.NEXT, this.#firstFree);
    if (this.#firstFree !== NONE) this.setWord(this.#firstFree, WORD.PREVIOUS, at);
    this.#firstFree = at;
  }

  /** Gives the highest place back, which must be free. */
  dropTop(): void {
    this.#unlink(--this.#top);
    // One chunk more than needed stays, so that a pool that goes up and down does not allocate.
    if (this.#top > (this.#words.length - 2) * CHUNK) return;
    this.#words.pop()?.buffer.resize(0);
    this.#doubles.pop();
  }

  /** Copies all that is in a place to another. */
  copy(from: number, to: number): void {
    for (let field = 0; field < WORDS_A_BUFFER; field++) this.setWord(to, field, this.word(from, field));
  }

  #unlink(free: number): void {
    const previous = this.word(free, WORD.PREVIOUS);
    const next = this.word(free, WORD.NEXT);
    if (previous === NONE) this.#firstFree = next;
    else this.setWord(previous, WORD.NEXT, next);
    if (next !== NONE) this.setWord(next, WORD.PREVIOUS, previous);
  }

  #grow(): void {
    const bytes = new ArrayBuffer(CHUNK_BYTES, { maxByteLength: CHUNK_BYTES });
    this.#words.push(new Int32Array(bytes));
    this.#doubles.push(new Float64Array(bytes));
  }
}
