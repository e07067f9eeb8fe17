import type { AllocationServerReading, ServerDevice, ServerProcess } from '../sources/allocation-server/types.ts';
import { holdsMemory } from '../snapshot/memory-types.ts';
import type { TrackerState } from '../snapshot/snapshot.ts';
import type { TrackedChip, TrackedProcess } from './tracked-chip.ts';

export const ALLOCATION_SERVER = 'allocation_server';

/** What a server says of each of its devices. */
export function trackServer(reading: AllocationServerReading): TrackedChip[] {
  return reading.devices.map((device) => trackDevice(device, reading));
}

function trackDevice(device: ServerDevice, reading: AllocationServerReading): TrackedChip {
  const inUse = holdsMemory(device.totals);
  return {
    source: ALLOCATION_SERVER,
    chip: { by: 'logical_id', id: device.id },
    version: reading.dialect ?? '',
    state: judge(device, inUse),
    readable: true,
    lastUpdateSeconds: device.lastUpdateSeconds,
    totals: device.totals,
    processes: device.processes?.map(trackProcess),
    // It takes back what a process held as soon as it knows that the process is gone, so it never shows it as leaked.
    provable: false,
    inUse,
    slotsUsed: undefined,
    extras: {
      capacity: device.capacity,
      ring: device.ring,
      counters: device.counters,
      peakBytes: device.peakBytes,
      largestFreeBlockBytes: device.largestFreeBlockBytes,
      lastFailedAllocationBytes: device.lastFailedAllocationBytes,
    },
  };
}

function judge(device: ServerDevice, inUse: boolean): TrackerState {
  if (device.processes?.some((process) => process.partial) === true) return 'partial';
  return inUse ? 'live' : 'idle';
}

function trackProcess(process: ServerProcess): TrackedProcess {
  return {
    hostPid: process.hostPid,
    reportedPid: process.reportedPid,
    name: process.comm ?? '',
    gone: false,
    bytes: process.bytes,
    detail: {
      hostBytes: process.hostBytes,
      liveBuffers: process.liveBuffers,
      oldestBufferSeconds: process.oldestBufferSeconds,
      lastActivitySeconds: process.lastActivitySeconds,
      cbMaxCoreBytes: process.cbMaxCoreBytes,
    },
  };
}
