import type { RingFields } from '../../protocol/answers.ts';
import type { DeviceInfoResponse, Response } from '../../protocol/decode-answers.ts';
import { ARCHITECTURES } from '../../protocol/messages.ts';
import { noMemory } from '../../snapshot/memory-types.ts';
import type { MemoryBytes, MemoryType } from '../../snapshot/memory-types.ts';
import { MAX_CAPACITY, MAX_RING_BYTES, memoryLimit } from './plausible.ts';
import type { Plausibility } from './plausible.ts';
import type { KernelRing, ServerCapacity, ServerDevice } from './types.ts';

const UNKNOWN_CAPACITY: ServerCapacity = {
  dramBytes: undefined,
  l1Bytes: undefined,
  l1BytesPerCore: undefined,
  arch: undefined,
};

/** A device from a stock server's answers about it; `info` is undefined in dialect A. */
export function stockDevice(
  totals: Response,
  info: DeviceInfoResponse | undefined,
  plausibility: Plausibility,
): ServerDevice {
  const capacity = info === undefined ? UNKNOWN_CAPACITY : stockCapacity(info, plausibility);
  return {
    id: totals.deviceId,
    capacity,
    totals: stockTotals(totals, capacity, plausibility),
    // Which of the two answers has the ring differs from build to build; the other one's fields are zeros.
    ring: stockRing(totals.deviceId, info?.ring ?? totals.ring, plausibility),
    processes: undefined,
    counters: undefined,
    peakBytes: undefined,
    largestFreeBlockBytes: undefined,
    lastFailedAllocationBytes: undefined,
    lastUpdateSeconds: undefined,
  };
}

function stockCapacity(info: DeviceInfoResponse, plausibility: Plausibility): ServerCapacity {
  const id = info.deviceId;
  if (info.isAvailable === 0) return UNKNOWN_CAPACITY;
  return {
    dramBytes: plausibility.capacity(info.totalDramSize, MAX_CAPACITY.dramBytes, id, 'total_dram_size'),
    l1Bytes: plausibility.capacity(info.totalL1Size, MAX_CAPACITY.l1Bytes, id, 'total_l1_size'),
    l1BytesPerCore: plausibility.capacity(info.l1SizePerCore, MAX_CAPACITY.l1BytesPerCore, id, 'l1_size_per_core'),
    arch: ARCHITECTURES[info.archType],
  };
}

function stockTotals(response: Response, capacity: ServerCapacity, plausibility: Plausibility): MemoryBytes {
  const { deviceId, dram, trace, l1, l1Small, cb, kernel } = response;
  const values = { dram, trace, l1, l1_small: l1Small, cb, kernel };
  const totals = noMemory();
  for (const [type, value] of Object.entries(values) as [MemoryType, number | bigint | undefined][]) {
    if (value === undefined) continue;
    totals[type] = plausibility.size(value, memoryLimit(type, capacity), deviceId, `${type}_allocated`);
  }
  return totals;
}

function stockRing(id: number, ring: RingFields | undefined, plausibility: Plausibility): KernelRing | undefined {
  if (ring === undefined || ring.totalSize === 0) return undefined;
  const capacityBytes = plausibility.size(ring.totalSize, MAX_RING_BYTES, id, 'ringbuffer_total_size');
  const usedBytes = plausibility.size(ring.usedBytes, MAX_RING_BYTES, id, 'ringbuffer_used_bytes');
  if (capacityBytes === undefined || usedBytes === undefined) return undefined;
  return { capacityBytes, usedBytes, programs: ring.programs };
}
