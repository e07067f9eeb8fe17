import type { MemoryBytes, MemoryType } from '../../snapshot/memory-types.ts';

/** The types that a layout counts, in the order in which they lie in a region. */
export const PLAIN_COUNTERS = ['dram', 'l1', 'l1_small', 'trace', 'cb'] as const satisfies readonly MemoryType[];
export const KERNEL_COUNTERS = [...PLAIN_COUNTERS, 'kernel'] as const satisfies readonly MemoryType[];

/** A u64 as a number, exact up to 2^53: two 32-bit reads cost a fraction of a BigInt. */
export function u64At(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_00_00_00_00 + view.getUint32(offset, true);
}

/**
 * Consecutive u64 counters: dram, l1, l1_small, trace, cb, and kernel where the layout has it. A counter above
 * `limit` (at most 2^53 - 1) is not a size but what a wrapped subtraction left: undefined. The literal has the
 * property order of noMemory(), so that all of these objects share one shape.
 */
export function countersAt(view: DataView, offset: number, kernel: boolean, limit: number): MemoryBytes {
  return {
    dram: sizeAt(view, offset, limit),
    trace: sizeAt(view, offset + 24, limit),
    l1: sizeAt(view, offset + 8, limit),
    l1_small: sizeAt(view, offset + 16, limit),
    cb: sizeAt(view, offset + 32, limit),
    kernel: kernel ? sizeAt(view, offset + 40, limit) : undefined,
  };
}

/** Whether a counter that the layout has was left out. */
export function hasGap(bytes: Readonly<MemoryBytes>, kernel: boolean): boolean {
  return (
    bytes.dram === undefined ||
    bytes.trace === undefined ||
    bytes.l1 === undefined ||
    bytes.l1_small === undefined ||
    bytes.cb === undefined ||
    (kernel && bytes.kernel === undefined)
  );
}

function sizeAt(view: DataView, offset: number, limit: number): number | undefined {
  const value = u64At(view, offset);
  return value <= limit ? value : undefined;
}
