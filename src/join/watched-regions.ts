import type { DeviceMemory, DeviceSnapshot, ProcessMemory, ProcessMemoryDetail } from '../snapshot/snapshot.ts';
import { MEMORY_TYPES, noMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { WatchedChip } from '../sources/allocation-server/types.ts';
import { SHARED_MEMORY } from './region-tracker.ts';

/**
 * The device with what a server that watches its regions knows of it beyond them. Only where the device's own numbers are
 * from the regions too: what processes report is never mixed with what they write.
 */
export function withWatched(device: DeviceSnapshot, watched: ReadonlyMap<bigint, WatchedChip>): DeviceSnapshot {
  const { memory, chipId } = device;
  const chip = chipId === undefined ? undefined : watched.get(chipId);
  if (chip === undefined || memory?.source !== SHARED_MEMORY) return device;
  return { ...device, memory: enrich(memory, chip) };
}

function enrich(memory: DeviceMemory, { peakBytes, lastActivitySeconds }: WatchedChip): DeviceMemory {
  const processes = memory.processes?.map((process): ProcessMemory => {
    const seconds = lastActivitySeconds.get(Number(process.pid));
    return seconds === undefined ? process : { ...process, detail: lastActive(seconds) };
  });
  return { ...memory, peakBytes: largest(peakBytes, memory.totals), processes };
}

/** The server looks once a second, and may have looked before the present peak. */
function largest(peak: Readonly<MemoryBytes>, totals: Readonly<MemoryBytes>): MemoryBytes {
  const result = noMemory();
  for (const type of MEMORY_TYPES) {
    const now = totals[type];
    if (now !== undefined) result[type] = Math.max(peak[type] ?? 0, now);
  }
  return result;
}

function lastActive(seconds: number): ProcessMemoryDetail {
  return {
    hostBytes: undefined,
    liveBuffers: noMemory(),
    oldestBufferSeconds: undefined,
    lastActivitySeconds: seconds,
    cbMaxCoreBytes: undefined,
  };
}
