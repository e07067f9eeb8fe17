import { BufferIndex } from './buffer-index.ts';
import { BufferPool, DOUBLE, NONE, WORD } from './buffer-pool.ts';
import { hashOf, randomKeys } from './key-hash.ts';

/** What a buffer is besides its owner and id. */
export interface BufferFields {
  /** 0 to 7. */
  type: number;
  /** References, or whatever else an i32 can be. */
  count: number;
  size: number;
  /** When it was allocated: orders the buffers of an owner. */
  time: number;
}

const TYPE_BITS = 3;
/** How far back a buffer is put in order whose time is older than its predecessors'. */
const ORDER_WINDOW = 16;

/**
 * Live buffers by owner (0 to the number of owners - 1) and id (two i32), several with the same id one after another.
 * A buffer is named by its place, which is valid until the next removal or `trim`.
 */
export class BufferTable {
  readonly #pool = new BufferPool();
  readonly #index = new BufferIndex();
  readonly #keys = randomKeys();
  readonly #oldest: Int32Array;
  readonly #newest: Int32Array;
  readonly #oldestTimes: Float64Array;

  constructor(owners: number) {
    this.#oldest = new Int32Array(owners).fill(NONE);
    this.#newest = new Int32Array(owners).fill(NONE);
    this.#oldestTimes = new Float64Array(owners).fill(NaN);
  }

  get size(): number {
    return this.#pool.used;
  }

  /** Places that take memory, in use or not. */
  get places(): number {
    return this.#pool.top;
  }

  /** By owner, when its oldest buffer was allocated; NaN where it has none. It is the table's own: copy it. */
  get oldestTimes(): Float64Array {
    return this.#oldestTimes;
  }

  /** The buffer of that id that was inserted or renewed last; NONE where there is none. */
  find(owner: number, idLow: number, idHigh: number): number {
    const hash = hashOf(this.#keys, owner, idLow, idHigh);
    for (let slot = this.#index.first(hash); slot >= 0; slot = this.#index.next(hash, slot)) {
      const at = this.#index.placeAt(hash, slot);
      const same = this.#pool.word(at, WORD.ID_LOW) === idLow && this.#pool.word(at, WORD.ID_HIGH) === idHigh;
      if (same && this.ownerOf(at) === owner) return at;
    }
    return NONE;
  }

  /** The next older one of the same id; NONE after the last. */
  older(at: number): number {
    return this.#pool.word(at, WORD.OLDER);
  }

  /** Whether there is a buffer in a place below `places`. */
  isUsed(at: number): boolean {
    return this.#pool.word(at, WORD.OWNER) !== NONE;
  }

  ownerOf(at: number): number {
    return this.#pool.word(at, WORD.OWNER) >> TYPE_BITS;
  }

  typeOf(at: number): number {
    return this.#pool.word(at, WORD.OWNER) & ((1 << TYPE_BITS) - 1);
  }

  sizeOf(at: number): number {
    return this.#pool.double(at, DOUBLE.SIZE);
  }

  timeOf(at: number): number {
    return this.#pool.double(at, DOUBLE.TIME);
  }

  countOf(at: number): number {
    return this.#pool.word(at, WORD.COUNT);
  }

  setCount(at: number, count: number): void {
    this.#pool.setWord(at, WORD.COUNT, count);
  }

  idOf(at: number): bigint {
    const high = BigInt(this.#pool.word(at, WORD.ID_HIGH) >>> 0);
    return (high << 32n) | BigInt(this.#pool.word(at, WORD.ID_LOW) >>> 0);
  }

  /** `newest`: what `find` gave for the same owner and id. */
  insert(newest: number, owner: number, idLow: number, idHigh: number, fields: Readonly<BufferFields>): void {
    const pool = this.#pool;
    const at = pool.take();
    pool.setWord(at, WORD.ID_LOW, idLow);
    pool.setWord(at, WORD.ID_HIGH, idHigh);
    pool.setWord(at, WORD.OWNER, (owner << TYPE_BITS) | fields.type);
    pool.setWord(at, WORD.COUNT, fields.count);
    pool.setDouble(at, DOUBLE.SIZE, fields.size);
    pool.setDouble(at, DOUBLE.TIME, fields.time);
    this.#putFirst(at, newest);
    this.#putInOrder(at, owner);
  }

  /** Makes it the one that `find` gives. */
  renew(at: number): void {
    if (this.#pool.word(at, WORD.NEWER) === NONE) return;
    const newest = this.find(this.ownerOf(at), this.#pool.word(at, WORD.ID_LOW), this.#pool.word(at, WORD.ID_HIGH));
    this.#leaveSameId(at);
    this.#putFirst(at, newest);
  }

  remove(at: number): void {
    this.#leaveSameId(at);
    this.#leaveOrder(at);
    this.#pool.give(at);
  }

  /** Removes the oldest buffer of an owner. False where it has none. */
  removeOldest(owner: number): boolean {
    const at = this.#oldest[owner] ?? NONE;
    if (at === NONE) return false;
    this.remove(at);
    return true;
  }

  /** Gives memory back that a peak has left, by at most that many places. True when there is more to give. */
  trim(places: number): boolean {
    for (let step = 0; step < places && this.#pool.sparse; step++) this.#emptyTop();
    return this.#pool.sparse;
  }

  #emptyTop(): void {
    const top = this.#pool.top - 1;
    if (this.isUsed(top)) {
      const to = this.#pool.take();
      this.#move(top, to);
      this.#pool.give(top);
    }
    this.#pool.dropTop();
  }

  #move(from: number, to: number): void {
    const pool = this.#pool;
    pool.copy(from, to);
    const owner = this.ownerOf(to);
    const newer = pool.word(to, WORD.NEWER);
    const older = pool.word(to, WORD.OLDER);
    if (newer === NONE) this.#index.replace(this.#hashAt(to), from, to);
    else pool.setWord(newer, WORD.OLDER, to);
    if (older !== NONE) pool.setWord(older, WORD.NEWER, to);
    const previous = pool.word(to, WORD.PREVIOUS);
    const next = pool.word(to, WORD.NEXT);
    if (previous === NONE) this.#oldest[owner] = to;
    else pool.setWord(previous, WORD.NEXT, to);
    if (next === NONE) this.#newest[owner] = to;
    else pool.setWord(next, WORD.PREVIOUS, to);
  }

  #hashAt(at: number): number {
    const { ID_LOW, ID_HIGH } = WORD;
    return hashOf(this.#keys, this.ownerOf(at), this.#pool.word(at, ID_LOW), this.#pool.word(at, ID_HIGH));
  }

  /** The index leads to the newest buffer of an id only; the others hang on it. */
  #putFirst(at: number, newest: number): void {
    const hash = this.#hashAt(at);
    this.#pool.setWord(at, WORD.NEWER, NONE);
    this.#pool.setWord(at, WORD.OLDER, newest);
    if (newest === NONE) {
      this.#index.insert(hash, at);
    } else {
      this.#index.replace(hash, newest, at);
      this.#pool.setWord(newest, WORD.NEWER, at);
    }
  }

  #leaveSameId(at: number): void {
    const newer = this.#pool.word(at, WORD.NEWER);
    const older = this.#pool.word(at, WORD.OLDER);
    if (older !== NONE) this.#pool.setWord(older, WORD.NEWER, newer);
    if (newer !== NONE) this.#pool.setWord(newer, WORD.OLDER, older);
    else if (older === NONE) this.#index.remove(this.#hashAt(at), at);
    else this.#index.replace(this.#hashAt(at), at, older);
  }

  /** Threads of an application send a little out of order, so it looks for its place from the newest on. */
  #putInOrder(at: number, owner: number): void {
    const pool = this.#pool;
    let previous = this.#newest[owner] ?? NONE;
    for (let step = 0; step < ORDER_WINDOW && previous !== NONE; step++) {
      if (!pool.isLater(previous, at)) break;
      previous = pool.word(previous, WORD.PREVIOUS);
    }
    const next = previous === NONE ? (this.#oldest[owner] ?? NONE) : pool.word(previous, WORD.NEXT);
    this.#join(owner, previous, at);
    this.#join(owner, at, next);
  }

  #leaveOrder(at: number): void {
    this.#join(this.ownerOf(at), this.#pool.word(at, WORD.PREVIOUS), this.#pool.word(at, WORD.NEXT));
  }

  #join(owner: number, previous: number, next: number): void {
    if (previous !== NONE) this.#pool.setWord(previous, WORD.NEXT, next);
    else {
      this.#oldest[owner] = next;
      this.#pool.copyDouble(next, DOUBLE.TIME, this.#oldestTimes, owner);
    }
    if (next !== NONE) this.#pool.setWord(next, WORD.PREVIOUS, previous);
    else this.#newest[owner] = previous;
  }
}
