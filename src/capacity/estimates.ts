import type { DeviceCapacity, MemoryEstimates } from '../snapshot/snapshot.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import { reservedL1 } from './reserved-l1.ts';

/**
 * Circular buffers of a model that runs, as a share of the chip's L1. It rests on one published measurement: about 95 of
 * 306 MB (TT-Metal's memory monitor guide). The truth is anything from 0 to all that is free.
 */
const CB_SHARE_OF_L1 = 0.31;

/**
 * Estimates, in bytes, for what no tracker counts on a chip: `kernel` is what the kernel-config ring takes on each core,
 * `firmware` what lies below it, both from TT-Metal's memory map; `cb` is only given while a process holds the chip, and
 * never exceeds what the allocator has left.
 */
export function estimateMemory(
  arch: string | undefined,
  capacity: DeviceCapacity,
  tracked: Readonly<MemoryBytes> | undefined,
  held: boolean | undefined,
): MemoryEstimates {
  const reserved = reservedL1(arch);
  if (reserved === undefined || capacity.cores === undefined)
    return { cb: undefined, kernel: undefined, firmware: undefined };
  return {
    cb: tracked?.cb === undefined && held === true ? estimateCircularBuffers(capacity, tracked) : undefined,
    kernel: tracked?.kernel === undefined ? capacity.cores * reserved.kernelRingBytes : undefined,
    firmware: capacity.cores * reserved.firmwareBytes,
  };
}

function estimateCircularBuffers(
  capacity: DeviceCapacity,
  tracked: Readonly<MemoryBytes> | undefined,
): number | undefined {
  if (capacity.l1Bytes === undefined || capacity.l1AllocatableBytes === undefined) return undefined;
  const left = capacity.l1AllocatableBytes - (tracked?.l1 ?? 0) - (tracked?.l1_small ?? 0);
  return Math.max(0, Math.min(Math.round(CB_SHARE_OF_L1 * capacity.l1Bytes), left));
}
