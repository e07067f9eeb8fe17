import { readFileSync } from 'node:fs';
import type { MemoryBytes } from '../../../src/snapshot/memory-types.ts';
import type { DecodeOptions } from '../../../src/sources/shared-memory/decode.ts';

/** A region that a C compiler laid out: see test/fixtures/regions/make-regions.c. */
export function regionFixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/regions/${name}.bin`, import.meta.url));
}

/** One hundred seconds after the fixtures' epoch, 1,500 seconds after boot. */
export const OPTIONS: DecodeOptions = {
  maxBytes: 64 * 2 ** 30,
  clock: { epochSeconds: 1_790_000_100, monotonicSeconds: 1500 },
};

/** What the fixtures count: numbers in a row from a base. */
export function fixtureBytes(base: number, kernel: boolean, slots = 1): MemoryBytes {
  return {
    dram: base + slots,
    trace: base + 4 * slots,
    l1: base + 2 * slots,
    l1_small: base + 3 * slots,
    cb: base + 5 * slots,
    kernel: kernel ? base + 6 * slots : undefined,
  };
}

export function memory(bytes: Partial<MemoryBytes>): MemoryBytes {
  return { dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 0, kernel: undefined, ...bytes };
}
