import { ARCHITECTURES } from '../../protocol/messages.ts';
import type {
  ByType,
  DocumentDevice,
  DocumentEndedProcess,
  DocumentProcess,
  DocumentRegion,
  SnapshotDocument,
} from '../../protocol/snapshot-document.ts';
import { MEMORY_TYPES, noMemory } from '../../snapshot/memory-types.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';
import { MAX_CAPACITY, memoryLimit } from './plausible.ts';
import type { Plausibility } from './plausible.ts';
import type { ReadingDraft } from './reading-draft.ts';
import type {
  EndedProcess,
  ServerCapacity,
  ServerDevice,
  ServerDeviceCounters,
  ServerProcess,
  WatchedChip,
} from './types.ts';

const UNKNOWN_CAPACITY: ServerCapacity = {
  dramBytes: undefined,
  l1Bytes: undefined,
  l1BytesPerCore: undefined,
  arch: undefined,
};

/** Host memory that one process pins: more than any host has. */
const MAX_HOST_BYTES = 2 ** 45;

/** Puts everything of a document into the draft; sizes that cannot be are left out. */
export function takeDocument(draft: ReadingDraft, document: SnapshotDocument, plausibility: Plausibility): void {
  draft.startTimeSeconds = document.server.startSeconds;
  draft.messages = new Map(Object.entries(document.server.messages));
  draft.rejectedMessages = new Map(Object.entries(document.server.rejectedMessages));
  draft.connections = document.server.connections;
  const devices = document.devices.toSorted((a, b) => a.id - b.id);
  draft.devices = devices.map((device) => serverDevice(device, plausibility));
  draft.endedProcesses = document.endedProcesses.map((process) => endedProcess(process, plausibility));
  draft.watchedChips = (document.regions ?? []).map((region) => watchedChip(region, plausibility));
}

function serverDevice(device: DocumentDevice, plausibility: Plausibility): ServerDevice {
  const capacity = serverCapacity(device, plausibility);
  const sizes = (values: ByType, name: string): MemoryBytes =>
    memorySizes(values, capacity, plausibility, device.id, name);
  return {
    id: device.id,
    capacity,
    totals: sizes(device.liveBytes, 'liveBytes'),
    ring: device.ring,
    processes: device.processes.map((process) => serverProcess(process, device.id, capacity, plausibility)),
    counters: serverCounters(device),
    peakBytes: sizes(device.peakBytes, 'peakBytes'),
    largestFreeBlockBytes: sizes(device.largestFreeBlockBytes, 'largestFreeBlockBytes'),
    // What an application asked for can be any size: that is why it failed.
    lastFailedAllocationBytes: memoryCounts(device.lastFailedAllocationBytes),
    lastUpdateSeconds: device.lastUpdateSeconds,
  };
}

function serverCapacity({ id, architecture, capacity }: DocumentDevice, plausibility: Plausibility): ServerCapacity {
  const size = (name: keyof typeof MAX_CAPACITY): number | undefined =>
    plausibility.capacity(capacity[name] ?? 0, MAX_CAPACITY[name], id, name);
  return {
    dramBytes: size('dramBytes'),
    l1Bytes: size('l1Bytes'),
    l1BytesPerCore: size('l1BytesPerCore'),
    arch: ARCHITECTURES.find((arch) => arch !== undefined && arch === architecture),
  };
}

function serverCounters({ counters }: DocumentDevice): ServerDeviceCounters {
  return {
    allocations: memoryCounts(counters.allocations),
    frees: memoryCounts(counters.frees),
    allocatedBytes: memoryCounts(counters.allocatedBytes),
    freedBytes: memoryCounts(counters.freedBytes),
    reclaimedBytes: memoryCounts(counters.reclaimedBytes),
    allocationFailures: memoryCounts(counters.allocationFailures),
  };
}

function serverProcess(
  process: DocumentProcess,
  device: number,
  capacity: ServerCapacity,
  plausibility: Plausibility,
): ServerProcess {
  const { host } = process.liveBytes;
  const name = `liveBytes of process ${process.pid}`;
  const maxCore = process.cbMaxCoreBytes;
  return {
    reportedPid: process.pid,
    hostPid: process.hostPid,
    startTimeSeconds: process.startSeconds,
    ...(process.comm !== undefined && { comm: process.comm }),
    bytes: memorySizes(process.liveBytes, capacity, plausibility, device, name),
    hostBytes: host === undefined ? undefined : plausibility.size(host, MAX_HOST_BYTES, device, `${name} (host)`),
    liveBuffers: memoryCounts(process.liveBuffers),
    oldestBufferSeconds: process.oldestBufferSeconds,
    lastActivitySeconds: process.lastActivitySeconds,
    cbMaxCoreBytes:
      maxCore === undefined
        ? undefined
        : plausibility.size(maxCore, memoryLimit('cb', capacity), device, `cbMaxCoreBytes of process ${process.pid}`),
    partial: process.partial,
  };
}

function endedProcess(ended: DocumentEndedProcess, plausibility: Plausibility): EndedProcess {
  const name = `peakBytes of ended process ${ended.pid}`;
  return {
    reportedPid: ended.pid,
    hostPid: ended.hostPid,
    startTimeSeconds: ended.startSeconds,
    comm: ended.comm ?? '',
    endedSeconds: ended.endedSeconds,
    containerId: ended.containerId,
    podUid: ended.podUid,
    slurmJobId: ended.slurmJobId,
    unit: ended.unit,
    devices: ended.devices.map(({ id, peakBytes }) => ({
      id,
      peakBytes: memorySizes(peakBytes, UNKNOWN_CAPACITY, plausibility, id, name),
    })),
    regions: (ended.regions ?? []).map(({ chipId, peakBytes }) => ({
      chipId: BigInt(chipId),
      peakBytes: memorySizes(peakBytes, UNKNOWN_CAPACITY, plausibility, chipId, name),
    })),
  };
}

function watchedChip({ chipId, peakBytes, processes }: DocumentRegion, plausibility: Plausibility): WatchedChip {
  return {
    chipId: BigInt(chipId),
    peakBytes: memorySizes(peakBytes, UNKNOWN_CAPACITY, plausibility, chipId, 'peakBytes'),
    lastActivitySeconds: new Map(
      processes.flatMap(({ hostPid, lastActivitySeconds: seconds }) =>
        seconds === undefined ? [] : [[hostPid, seconds]],
      ),
    ),
  };
}

function memorySizes(
  values: ByType,
  capacity: ServerCapacity,
  plausibility: Plausibility,
  device: number | string,
  name: string,
): MemoryBytes {
  const result = noMemory();
  for (const type of MEMORY_TYPES) {
    const value = values[type];
    if (value === undefined) continue;
    result[type] = plausibility.size(value, memoryLimit(type, capacity), device, `${name} (${type})`);
  }
  return result;
}

function memoryCounts(values: ByType): MemoryBytes {
  const result = noMemory();
  for (const type of MEMORY_TYPES) result[type] = values[type];
  return result;
}
