import type { Moment } from './clock.ts';
import type { Life } from './life.ts';

/** In the order of the layout with six counters; the others end before the last. */
export const COUNTERS = ['dram', 'l1', 'l1_small', 'trace', 'cb', 'kernel'] as const;
export type Counter = (typeof COUNTERS)[number];
export type Bytes = Record<Counter, number>;

export type Version = 1 | 2 | 3 | 4;

/** A process slot, and who is behind it. */
export interface BookSlot {
  /** As its writer sees itself; -1: it was killed while releasing the slot. */
  pid: number;
  readonly bytes: Bytes;
  updated: Moment;
  /** Who wrote its bytes, dead ones too. */
  readonly writers: Set<Life>;
  /** A collection that could see everything came after the last of them died. */
  provenDead: boolean;
  /** Who is releasing it, or was when it died. */
  releasedBy: Life | undefined;
  /** This death has been looked at. */
  counted: boolean;
}

const SLOTS = 64;

/** In the place of a slot's PID. */
export const RELEASING = -1;

/**
 * What one region must hold, kept without reading it: the rules of TT-Metal's tracker of each version
 * (memory_stats_shm.cpp) over plain numbers.
 */
export class RegionBook {
  readonly version: Version;
  /** Version 1 only: with the sixth counter, or with the padding that tells its size from a cut one. */
  readonly shape: 'plain' | 'padded' | 'kernel';
  readonly totals = noBytes();
  readonly slots: (BookSlot | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #references = 0;

  constructor(version: Version, shape: 'plain' | 'padded' | 'kernel') {
    this.version = version;
    this.shape = shape;
  }

  get used(): BookSlot[] {
    return this.slots.filter((slot) => slot !== undefined);
  }

  get counters(): readonly Counter[] {
    return this.shape === 'kernel' ? COUNTERS : COUNTERS.slice(0, 5);
  }

  slotOf(pid: number): BookSlot | undefined {
    return this.slots.find((slot) => slot?.pid === pid);
  }

  attach(life: Life, now: Moment): void {
    if (this.version < 4) {
      this.#references += 1;
      return;
    }
    this.#resetIfIdle();
    this.#claim(life, now);
  }

  /** `change`: bytes more or less. Counters stop at 0. */
  record(life: Life, counter: Counter, change: number, now: Moment): void {
    const slot = this.#claim(life, now);
    if (slot === undefined && this.version === 4) return;
    add(this.totals, counter, change);
    if (slot === undefined) return;
    add(slot.bytes, counter, change);
    touch(slot, life, now);
  }

  setCb(life: Life, bytes: number, now: Moment): void {
    const slot = this.slotOf(life.ownPid);
    if (this.version === 4) {
      if (slot !== undefined) this.record(life, 'cb', bytes - slot.bytes.cb, now);
      return;
    }
    this.totals.cb = bytes;
    if (slot === undefined) return;
    slot.bytes.cb = bytes;
    touch(slot, life, now);
  }

  detach(pid: number): void {
    const index = this.slots.findIndex((slot) => slot?.pid === pid);
    if (index >= 0) this.#empty(index);
    if (this.version === 4) {
      if (index >= 0) this.#references = Math.max(0, this.#references - 1);
      this.#resetIfIdle();
      return;
    }
    this.#references -= 1;
    if (this.#references === 0) this.#reset();
  }

  /** Version 4: slots go whose numbers are dead to the one who looks. */
  reap(own: number, isAlive: (pid: number) => boolean): void {
    for (const [index, slot] of this.slots.entries()) {
      if (slot === undefined || slot.pid <= 0 || slot.pid === own || isAlive(slot.pid)) continue;
      this.#empty(index);
      this.#references = Math.max(0, this.#references - 1);
    }
    this.#resetIfIdle();
  }

  /** Version 4: the first half of leaving. */
  beginRelease(life: Life): void {
    const slot = this.slotOf(life.ownPid);
    if (slot === undefined) return;
    slot.pid = RELEASING;
    slot.releasedBy = life;
  }

  /** Somebody who is no writer puts a slot there. */
  forge(pid: number, dram: number, now: Moment): void {
    const index = this.slots.indexOf(undefined);
    this.slots[index] = { ...emptySlot(pid, now), bytes: { ...noBytes(), dram } };
    this.totals.dram += dram;
    this.#references += 1;
  }

  sumOfSlots(counter: Counter): number {
    return this.used.reduce((sum, slot) => sum + slot.bytes[counter], 0);
  }

  #claim(life: Life, now: Moment): BookSlot | undefined {
    const own = this.slotOf(life.ownPid);
    if (own !== undefined) return own;
    const free = this.slots.indexOf(undefined);
    if (free < 0) return undefined;
    const slot = emptySlot(life.ownPid, now);
    touch(slot, life, now);
    this.slots[free] = slot;
    if (this.version === 4) this.#references += 1;
    return slot;
  }

  #empty(index: number): void {
    const slot = this.slots[index];
    for (const counter of COUNTERS) add(this.totals, counter, -(slot?.bytes[counter] ?? 0));
    this.slots[index] = undefined;
  }

  #resetIfIdle(): void {
    if (this.#references === 0) this.#reset();
  }

  #reset(): void {
    Object.assign(this.totals, noBytes());
  }
}

export function noBytes(): Bytes {
  return { dram: 0, l1: 0, l1_small: 0, trace: 0, cb: 0, kernel: 0 };
}

function emptySlot(pid: number, now: Moment): BookSlot {
  return {
    pid,
    bytes: noBytes(),
    updated: now,
    writers: new Set(),
    provenDead: false,
    releasedBy: undefined,
    counted: false,
  };
}

function touch(slot: BookSlot, life: Life, now: Moment): void {
  slot.updated = now;
  slot.provenDead = false;
  slot.counted = false;
  slot.writers.add(life);
}

function add(bytes: Bytes, counter: Counter, change: number): void {
  bytes[counter] = Math.max(0, bytes[counter] + change);
}
