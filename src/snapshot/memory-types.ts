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

// The types are spelled out below: this runs for every process of every chip, and a read by a computed name takes longer.

/** Adds `part` to `sum` in place; a type that is unknown in both stays unknown. */
export function addMemory(sum: MemoryBytes, part: Readonly<MemoryBytes>): void {
  if (part.dram !== undefined) sum.dram = (sum.dram ?? 0) + part.dram;
  if (part.trace !== undefined) sum.trace = (sum.trace ?? 0) + part.trace;
  if (part.l1 !== undefined) sum.l1 = (sum.l1 ?? 0) + part.l1;
  if (part.l1_small !== undefined) sum.l1_small = (sum.l1_small ?? 0) + part.l1_small;
  if (part.cb !== undefined) sum.cb = (sum.cb ?? 0) + part.cb;
  if (part.kernel !== undefined) sum.kernel = (sum.kernel ?? 0) + part.kernel;
}

/** What is left of `sum` without `part`, never below 0; a type that is unknown in the sum stays unknown. */
export function withoutMemory(sum: Readonly<MemoryBytes>, part: Readonly<MemoryBytes>): MemoryBytes {
  const rest = noMemory();
  for (const type of MEMORY_TYPES) {
    const bytes = sum[type];
    if (bytes !== undefined) rest[type] = Math.max(0, bytes - (part[type] ?? 0));
  }
  return rest;
}

/** Whether any type is known to hold bytes. */
export function holdsMemory({
  dram = 0,
  trace = 0,
  l1 = 0,
  l1_small = 0,
  cb = 0,
  kernel = 0,
}: Readonly<MemoryBytes>): boolean {
  return dram > 0 || trace > 0 || l1 > 0 || l1_small > 0 || cb > 0 || kernel > 0;
}
