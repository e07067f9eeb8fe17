import { DOCUMENT_TYPES } from '../../../src/protocol/snapshot-document.ts';
import type {
  ByType,
  DocumentCounters,
  DocumentDevice,
  DocumentEndedProcess,
  DocumentProcess,
  SnapshotDocument,
} from '../../../src/protocol/snapshot-document.ts';

const NOW = 1_767_225_600.123;
const CORES = 140;

/** What a server of a Galaxy says that has 64 processes on each of 32 chips, and everything to say of each. */
export function largestHonestDocument(chips = 32, processes = 64): SnapshotDocument {
  const pids = Array.from({ length: processes }, (_, index) => 3_000_000 + 37 * index);
  return {
    schema: 1,
    minReader: 1,
    takenSeconds: NOW,
    server: {
      version: '0.1.0',
      startSeconds: NOW,
      messages: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`MESSAGE_TYPE_${index}`, 10 ** 9])),
      rejectedMessages: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`reason_${index}`, 10 ** 6])),
      connections: processes,
      reclaimedBytes: 2 ** 50,
      reclaimedBuffers: 10 ** 9,
    },
    devices: Array.from({ length: chips }, (_, id) => device(id, pids)),
    endedProcesses: Array.from({ length: 1024 }, (_, index) => ended(4_000_000 + index, chips)),
  };
}

function device(id: number, pids: readonly number[]): DocumentDevice {
  const sizes = amounts(2 ** 30);
  return {
    id,
    architecture: 'blackhole',
    capacity: { dramBytes: 32 * 2 ** 30, l1Bytes: 210 * 2 ** 20, l1BytesPerCore: 1_572_864 },
    ring: { capacityBytes: 68_000, usedBytes: 60_000, programs: 120 },
    liveBytes: sizes,
    liveBuffers: amounts(10 ** 6),
    peakBytes: sizes,
    counters: {
      ...counters(),
      reclaimedBytes: amounts(2 ** 50),
      reclaimedBuffers: amounts(10 ** 9),
      allocationFailures: amounts(10 ** 6),
    },
    largestFreeBlockBytes: sizes,
    lastFailedAllocationBytes: sizes,
    lastUpdateSeconds: NOW,
    processes: pids.map((pid) => process(pid)),
  };
}

function process(pid: number): DocumentProcess {
  return {
    pid,
    hostPid: pid,
    startSeconds: NOW,
    comm: 'a-name-of-15-by',
    partial: false,
    liveBytes: amounts(2 ** 27),
    liveBuffers: amounts(10 ** 6),
    peakBytes: amounts(2 ** 27),
    counters: counters(),
    oldestBufferSeconds: NOW,
    lastActivitySeconds: NOW,
    cbMaxCoreBytes: 1_400_000,
    cbCores: Array.from({ length: CORES }, (_, core) => ({ x: core % 14, y: Math.floor(core / 14), bytes: 1_400_000 })),
  };
}

function ended(pid: number, chips: number): DocumentEndedProcess {
  return {
    pid,
    hostPid: pid,
    startSeconds: NOW,
    endedSeconds: NOW,
    comm: 'a-name-of-15-by',
    containerId: 'c'.repeat(64),
    podUid: 'p'.repeat(36),
    slurmJobId: '12345678',
    unit: 'a-service-of-the-host.service',
    devices: Array.from({ length: chips }, (_, id) => ({
      id,
      peakBytes: amounts(2 ** 27),
      heldBytes: amounts(2 ** 27),
    })),
  };
}

function counters(): DocumentCounters {
  return {
    allocations: amounts(10 ** 9),
    frees: amounts(10 ** 9),
    allocatedBytes: amounts(2 ** 50),
    freedBytes: amounts(2 ** 50),
  };
}

function amounts(value: number): Required<ByType> {
  return Object.fromEntries(DOCUMENT_TYPES.map((type) => [type, value])) as Required<ByType>;
}
