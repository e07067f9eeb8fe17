import type { MemoryType } from '../snapshot/memory-types.ts';
import type { RegionFile } from './region-file.ts';

/** Offsets of the header, which is the same in every version (TT-Metal: memory_stats_shm.hpp). */
export const VERSION = 0;
export const ACTIVE_PROCESSES = 4;
export const LAST_UPDATE = 8;
export const REFERENCE_COUNT = 16;
export const BOARD_SERIAL = 24;
export const ASIC_ID = 32;
export const DEVICE_ID = 40;
const TOTALS = 48;
/** Version 4 only. */
export const INIT_STATE = 8536;

export const CHIPS = 16;
export const SLOTS = 64;

/** The counters in the order in which they lie in a region. */
const COUNTERS = ['dram', 'l1', 'l1_small', 'trace', 'cb', 'kernel'] as const satisfies readonly MemoryType[];

const U32_RANGE = 0x1_0000_0000;

interface Offsets {
  readonly size: number;
  readonly counters: number;
  readonly chipStats: number;
  readonly chipStatsStride: number;
  readonly processes: number;
  readonly processStride: number;
}

const FIVE_COUNTERS: Offsets = {
  size: 8576,
  counters: 5,
  chipStats: 88,
  chipStatsStride: 48,
  processes: 856,
  processStride: 120,
};

const SIX_COUNTERS: Offsets = {
  size: 9216,
  counters: 6,
  chipStats: 96,
  chipStatsStride: 56,
  processes: 992,
  processStride: 128,
};

/** The fields of a region by their places in its file: what the simulated writers do to them, and nothing of why. */
export class RegionTable {
  readonly file: RegionFile;
  readonly #offsets: Offsets;
  readonly #unusedChip: number;

  /** Version 1 took 0 for an unused chip, although it is a chip's number. */
  constructor(file: RegionFile, version: number, kernelLayout: boolean) {
    this.file = file;
    this.#offsets = kernelLayout ? SIX_COUNTERS : FIVE_COUNTERS;
    this.#unusedChip = version === 1 ? 0 : 0xffffffff;
  }

  get size(): number {
    return this.#offsets.size;
  }

  /** Where the last slot ends. */
  get end(): number {
    return this.slot(SLOTS);
  }

  slot(index: number): number {
    return this.#offsets.processes + index * this.#offsets.processStride;
  }

  /** The slot of a PID; with 0 the first free one. */
  findSlot(pid: number): number | undefined {
    const index = this.slotPids().indexOf(pid);
    return index < 0 ? undefined : this.slot(index);
  }

  /** The PID of every slot, by one read. */
  slotPids(): number[] {
    const { processes, processStride } = this.#offsets;
    const bytes = this.file.read(processes, SLOTS * processStride);
    return Array.from({ length: SLOTS }, (_, index) => bytes.readInt32LE(index * processStride));
  }

  total(type: MemoryType): number {
    return TOTALS + this.#counter(type);
  }

  /** A counter of a slot or of an entry of chip_stats: both begin with 8 other bytes. */
  counter(entry: number, type: MemoryType): number {
    return entry + 8 + this.#counter(type);
  }

  slotLastUpdate(slot: number): number {
    return slot + 8 + 8 * this.#offsets.counters;
  }

  slotName(slot: number): number {
    return this.slotLastUpdate(slot) + 8;
  }

  chip(index: number): number {
    return this.#offsets.chipStats + index * this.#offsets.chipStatsStride;
  }

  /** The entry of chip_stats of a chip, a new one where it has none; undefined where all are taken. */
  chipEntry(chipId: number): number | undefined {
    let free: number | undefined;
    for (let index = 0; index < CHIPS; index++) {
      const found = this.file.u32(this.chip(index));
      if (found === chipId) return this.chip(index);
      if (found === this.#unusedChip) free ??= this.chip(index);
    }
    if (free !== undefined) this.file.setU32(free, chipId);
    return free;
  }

  clearChips(): void {
    for (let index = 0; index < CHIPS; index++) this.file.setU32(this.chip(index), this.#unusedChip);
  }

  clearSlotCounters(slot: number): void {
    this.file.write(slot + 8, Buffer.alloc(8 * this.#offsets.counters));
  }

  /** Subtracts what a slot holds, and empties it. */
  takeFromTotals(slot: number): void {
    for (let counter = 0; counter < this.#offsets.counters; counter++) {
      this.add(TOTALS + 8 * counter, -this.file.u64(slot + 8 + 8 * counter));
    }
    this.clearSlotCounters(slot);
  }

  resetTotals(): void {
    const zeros = Buffer.alloc(8 * this.#offsets.counters);
    this.file.write(TOTALS, zeros);
    for (let index = 0; index < CHIPS; index++) this.file.write(this.chip(index) + 8, zeros);
  }

  /** Adds to a counter of bytes; it stops at 0. */
  add(offset: number, bytes: bigint): void {
    const sum = this.file.u64(offset) + bytes;
    this.file.setU64(offset, sum < 0n ? 0n : BigInt.asUintN(64, sum));
  }

  /** Adds to a count of 32 bits; it wraps. Gives what is there then. */
  addU32(offset: number, change: number): number {
    const sum = (this.file.u32(offset) + change + U32_RANGE) % U32_RANGE;
    this.file.setU32(offset, sum);
    return sum;
  }

  #counter(type: MemoryType): number {
    const index = COUNTERS.indexOf(type);
    if (index >= this.#offsets.counters) throw new Error('only the kernel layout counts kernels');
    return 8 * index;
  }
}
