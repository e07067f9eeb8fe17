import type { SnapshotDocument } from '../../src/protocol/snapshot-document.ts';

/** A document with nothing in it that could be left out. */
export const SMALL_DOCUMENT: SnapshotDocument = {
  schema: 1,
  minReader: 1,
  server: { version: '0.1.0', startSeconds: 1_700_000_000.5, messages: {}, rejectedMessages: {} },
  devices: [],
  endedProcesses: [],
};

/** A document with every field there is. */
export const FULL_DOCUMENT: SnapshotDocument = {
  schema: 1,
  minReader: 1,
  takenSeconds: 1_700_000_100,
  server: {
    version: '0.1.0',
    startSeconds: 1_700_000_000.5,
    messages: { ALLOC: 12, FREE: 5 },
    rejectedMessages: { unknown_type: 1 },
    doubtfulMessages: { ambiguous_free: 2 },
    connections: 3,
    reclaimedBytes: 2048,
    reclaimedBuffers: 2,
  },
  devices: [
    {
      id: 0,
      architecture: 'wormhole',
      capacity: { dramBytes: 12 * 2 ** 30, l1Bytes: 95_944_704, l1BytesPerCore: 1_499_136 },
      ring: { capacityBytes: 68_000, usedBytes: 1000, programs: 2 },
      liveBytes: { dram: 4096, trace: 64, l1: 2048, l1_small: 32, cb: 128, kernel: 16, host: 8192 },
      liveBuffers: { dram: 1, l1: 2, host: 1 },
      peakBytes: { dram: 8192, l1: 4096 },
      counters: {
        allocations: { dram: 3, l1: 2 },
        frees: { dram: 2 },
        allocatedBytes: { dram: 9000, l1: 2048 },
        freedBytes: { dram: 4904 },
        reclaimedBytes: { dram: 100 },
        reclaimedBuffers: { dram: 1 },
        allocationFailures: { l1: 1 },
      },
      largestFreeBlockBytes: { dram: 2 ** 30, l1: 512 },
      lastFailedAllocationBytes: { l1: 2 ** 40 },
      lastUpdateSeconds: 1_700_000_090,
      processes: [
        {
          pid: 17,
          hostPid: 4242,
          startSeconds: 1_700_000_001,
          partial: true,
          liveBytes: { dram: 4096, host: 8192 },
          liveBuffers: { dram: 1, host: 1 },
          peakBytes: { dram: 8192 },
          counters: {
            allocations: { dram: 3 },
            frees: { dram: 2 },
            allocatedBytes: { dram: 9000 },
            freedBytes: { dram: 4904 },
          },
          oldestBufferSeconds: 1_700_000_050,
          lastActivitySeconds: 1_700_000_090,
          cbMaxCoreBytes: 128,
          cbCores: [{ x: 1, y: 2, bytes: 128 }],
        },
      ],
    },
    {
      id: 1,
      capacity: {},
      liveBytes: {},
      liveBuffers: {},
      peakBytes: {},
      counters: {
        allocations: {},
        frees: {},
        allocatedBytes: {},
        freedBytes: {},
        reclaimedBytes: {},
        reclaimedBuffers: {},
        allocationFailures: {},
      },
      largestFreeBlockBytes: {},
      lastFailedAllocationBytes: {},
      processes: [],
    },
  ],
  endedProcesses: [
    {
      pid: 99,
      hostPid: 5000,
      startSeconds: 1_700_000_002,
      endedSeconds: 1_700_000_080,
      comm: 'python3',
      containerId: 'c0ffee',
      podUid: 'pod-1',
      slurmJobId: '77',
      unit: 'job.service',
      devices: [
        { id: 0, peakBytes: { dram: 5000 }, heldBytes: { dram: 100 } },
        { id: 1, peakBytes: {}, heldBytes: {} },
      ],
      regions: [{ chipId: '18446744073709551615', peakBytes: { l1: 300 }, heldBytes: { l1: 0 } }],
    },
  ],
  regions: [
    {
      chipId: '7',
      peakBytes: { dram: 900 },
      lastUpdateSeconds: 1_700_000_060,
      processes: [
        {
          pid: 17,
          hostPid: 4242,
          startSeconds: 1_700_000_001,
          liveBytes: { dram: 100 },
          peakBytes: { dram: 800 },
          lastActivitySeconds: 1_700_000_050.5,
        },
      ],
    },
  ],
};
