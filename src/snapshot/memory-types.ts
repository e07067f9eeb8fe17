/**
 * Where device memory is charged. Names as in the metrics' `type` label; TT-Metal's BufferType has DRAM, L1,
 * L1_SMALL and TRACE, circular buffers and kernel code are counted apart from it.
 */
export const DRAM_TYPES = ['dram', 'trace'] as const;
export const L1_TYPES = ['l1', 'l1_small', 'cb', 'kernel'] as const;
export const MEMORY_TYPES = [...DRAM_TYPES, ...L1_TYPES] as const;

export type DramType = (typeof DRAM_TYPES)[number];
export type L1Type = (typeof L1_TYPES)[number];
export type MemoryType = (typeof MEMORY_TYPES)[number];

/** Bytes by type. `undefined`: the source does not track this type, or its number was not believable. Never 0 for unknown. */
export type MemoryBytes = Record<MemoryType, number | undefined>;

/** A MemoryBytes with everything unknown, in the one property order that all of them share (keeps V8 on one shape). */
export function noMemory(): MemoryBytes {
  return {
    dram: undefined,
    trace: undefined,
    l1: undefined,
    l1_small: undefined,
    cb: undefined,
    kernel: undefined,
  };
}

/** Adds `part` to `sum` in place; a type that is unknown in both stays unknown. */
export function addMemory(sum: MemoryBytes, part: Readonly<MemoryBytes>): void {
  for (const type of MEMORY_TYPES) {
    const bytes = part[type];
    if (bytes !== undefined) sum[type] = (sum[type] ?? 0) + bytes;
  }
}

/** Whether any type is known to hold bytes. */
export function holdsMemory(memory: Readonly<MemoryBytes>): boolean {
  return MEMORY_TYPES.some((type) => (memory[type] ?? 0) > 0);
}
