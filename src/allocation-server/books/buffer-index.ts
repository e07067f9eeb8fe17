const SHARD_BITS = 10;
const SHARDS = 1 << SHARD_BITS;
const SMALLEST = 8;

/** A shard that nothing has been put into: full, so that the first insertion makes it grow. */
const UNUSED = new Int32Array(2);

/**
 * From hashes (i32) to places (>= 0), any number of places to a hash. Open addressing in 1024 parts that grow and
 * shrink each for itself: at a million entries a part has a thousand, and to make it larger takes some microseconds.
 * A slot has two words: the hash, and the place + 1, where 0 is an empty slot.
 */
export class BufferIndex {
  readonly #shards: Int32Array<ArrayBuffer>[] = Array.from({ length: SHARDS }, () => UNUSED);
  readonly #counts = new Int32Array(SHARDS);

  /** The slot of the first entry with that hash; -1 where there is none. Valid until the next change. */
  first(hash: number): number {
    const slots = this.#slotsOf(hash);
    return seek(slots, hash, hash & lastSlot(slots));
  }

  /** The slot of the next one with the same hash. */
  next(hash: number, slot: number): number {
    const slots = this.#slotsOf(hash);
    return seek(slots, hash, (slot + 1) & lastSlot(slots));
  }

  placeAt(hash: number, slot: number): number {
    return (this.#slotsOf(hash)[2 * slot + 1] ?? 0) - 1;
  }

  insert(hash: number, place: number): void {
    const shard = hash >>> (32 - SHARD_BITS);
    const count = (this.#counts[shard] ?? 0) + 1;
    this.#counts[shard] = count;
    let slots = this.#slotsOf(hash);
    if (4 * count > 3 * (lastSlot(slots) + 1)) {
      slots = resized(slots, Math.max(SMALLEST, slots.length));
      this.#shards[shard] = slots;
    }
    put(slots, hash, place + 1);
  }

  /** Makes the entry lead to another place. */
  replace(hash: number, place: number, by: number): void {
    const slot = this.#slotOf(hash, place);
    if (slot >= 0) this.#slotsOf(hash)[2 * slot + 1] = by + 1;
  }

  remove(hash: number, place: number): void {
    const slot = this.#slotOf(hash, place);
    if (slot < 0) return;
    const shard = hash >>> (32 - SHARD_BITS);
    const slots = this.#slotsOf(hash);
    closeGap(slots, slot);
    const count = (this.#counts[shard] ?? 0) - 1;
    this.#counts[shard] = count;
    const capacity = slots.length / 2;
    if (capacity > SMALLEST && 8 * count < capacity) this.#shards[shard] = resized(slots, capacity / 2);
  }

  #slotsOf(hash: number): Int32Array<ArrayBuffer> {
    return this.#shards[hash >>> (32 - SHARD_BITS)] ?? UNUSED;
  }

  #slotOf(hash: number, place: number): number {
    let slot = this.first(hash);
    while (slot >= 0 && this.placeAt(hash, slot) !== place) slot = this.next(hash, slot);
    return slot;
  }
}

function lastSlot(slots: Int32Array<ArrayBuffer>): number {
  return (slots.length >>> 1) - 1;
}

function seek(slots: Int32Array<ArrayBuffer>, hash: number, from: number): number {
  const last = lastSlot(slots);
  for (let slot = from; slots[2 * slot + 1] !== 0; slot = (slot + 1) & last) {
    if (slots[2 * slot] === hash) return slot;
  }
  return -1;
}

function put(slots: Int32Array<ArrayBuffer>, hash: number, value: number): void {
  const last = lastSlot(slots);
  let slot = hash & last;
  while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & last;
  slots[2 * slot] = hash;
  slots[2 * slot + 1] = value;
}

/** Moves later entries of the same run into the gap, so that no run is broken and no mark of the removed one stays. */
function closeGap(slots: Int32Array<ArrayBuffer>, removed: number): void {
  const last = lastSlot(slots);
  let gap = removed;
  for (let slot = (gap + 1) & last; slots[2 * slot + 1] !== 0; slot = (slot + 1) & last) {
    const home = (slots[2 * slot] ?? 0) & last;
    if (((slot - home) & last) < ((slot - gap) & last)) continue;
    slots[2 * gap] = slots[2 * slot] ?? 0;
    slots[2 * gap + 1] = slots[2 * slot + 1] ?? 0;
    gap = slot;
  }
  slots[2 * gap + 1] = 0;
}

function resized(slots: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * capacity);
  for (let slot = 0; slot <= lastSlot(slots); slot++) {
    const value = slots[2 * slot + 1] ?? 0;
    if (value !== 0) put(larger, slots[2 * slot] ?? 0, value);
  }
  if (slots !== UNUSED) slots.buffer.transfer(0);
  return larger;
}
