import { DRAM_TYPES, L1_TYPES } from '../snapshot/memory-types.ts';
import type { MemoryBytes, MemoryType } from '../snapshot/memory-types.ts';

/** Bytes of DRAM, of the types that are known; undefined where none is. */
export function dramBytes(bytes: Readonly<MemoryBytes>): number | undefined {
  return sumOf(bytes, DRAM_TYPES);
}

/** Bytes of L1, of the types that are known; undefined where none is. */
export function l1Bytes(bytes: Readonly<MemoryBytes>): number | undefined {
  return sumOf(bytes, L1_TYPES);
}

/** Bytes in all, 0 where nothing is known: for questions where only more than 0 counts. */
export function knownBytes(bytes: Readonly<MemoryBytes>): number {
  return (dramBytes(bytes) ?? 0) + (l1Bytes(bytes) ?? 0);
}

function sumOf(bytes: Readonly<MemoryBytes>, types: readonly MemoryType[]): number | undefined {
  let sum: number | undefined;
  for (const type of types) {
    const part = bytes[type];
    if (part !== undefined) sum = (sum ?? 0) + part;
  }
  return sum;
}
