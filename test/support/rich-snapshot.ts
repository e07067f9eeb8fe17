import { noMemory } from '../../src/snapshot/memory-types.ts';
import type { MemoryBytes } from '../../src/snapshot/memory-types.ts';
import type {
  AllocationServerSnapshot,
  DeviceMemory,
  DeviceSnapshot,
  ProcessSnapshot,
  Snapshot,
} from '../../src/snapshot/snapshot.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';

/** A device of which nothing is known but its label; with `known` put over it. */
export function bareDevice(label: string, known: Partial<DeviceSnapshot> = {}): DeviceSnapshot {
  return {
    label,
    card: undefined,
    gateway: undefined,
    logicalId: undefined,
    chipId: undefined,
    location: undefined,
    board: undefined,
    serial: undefined,
    arch: undefined,
    capacity: {
      dramBytes: undefined,
      l1Bytes: undefined,
      l1AllocatableBytes: undefined,
      source: undefined,
      cores: undefined,
    },
    estimates: { cb: undefined, kernel: undefined, firmware: undefined },
    memory: undefined,
    trackers: [],
    regions: undefined,
    regionSlotsUsed: undefined,
    holders: undefined,
    ...known,
  };
}

/** A tracker's numbers of a device that has none; with `known` put over it. */
export function bareMemory(known: Partial<DeviceMemory> = {}): DeviceMemory {
  return {
    source: 'shared_memory',
    version: '3',
    totals: noMemory(),
    processes: undefined,
    workloads: undefined,
    unattributed: noMemory(),
    orphaned: undefined,
    ring: undefined,
    counters: undefined,
    peakBytes: undefined,
    largestFreeBlockBytes: undefined,
    lastFailedAllocationBytes: undefined,
    ...known,
  };
}

/** Some types' bytes; the others are unknown. */
export function memoryOf(known: Partial<MemoryBytes>): MemoryBytes {
  return { ...noMemory(), ...known };
}

/** A process of which nothing is known but its pid; with `known` put over it. */
export function bareProcess(pid: string, known: Partial<ProcessSnapshot> = {}): ProcessSnapshot {
  return {
    pid,
    namespacePid: '',
    comm: '',
    unit: '',
    containerId: '',
    podUid: '',
    podName: '',
    podNamespace: '',
    containerName: '',
    slurmJobId: '',
    user: '',
    alive: undefined,
    startTimeSeconds: undefined,
    ...known,
  };
}

/** A snapshot of which nothing is known; with `known` put over it. */
export function bareSnapshot(known: Partial<Snapshot> = {}): Snapshot {
  return {
    takenAtSeconds: 1_790_000_000,
    driverVersion: undefined,
    devicesExpected: undefined,
    maintenance: undefined,
    devicesByState: undefined,
    devicesSkipped: undefined,
    missingRights: [],
    devices: [],
    processes: [],
    processesFolded: 0,
    allocationServer: undefined,
    collectors: [],
    readErrors: [],
    ...known,
  };
}

/** A p150a on PCIe with everything that a driver can tell. */
export function richCard(known: Partial<Card> = {}): Card {
  return {
    index: 0,
    pciAddress: '0000:c1:00.0',
    arch: 'blackhole',
    driverIndex: 0,
    deviceNumber: { major: 236, minor: 0 },
    subsystemId: 0x40,
    state: 'ok',
    board: 'p150a',
    serial: 0x0000040131924062n,
    asicId: 0xa1b2c3d4e5f60718n,
    firmware: [
      { component: 'bundle', version: '19.10.0.0' },
      { component: 'm3app', version: '0.22.0.0' },
    ],
    temperature: { value: 54.125, limit: 90 },
    voltage: { value: 0.742, limit: 0.9 },
    current: { value: 41, limit: 200 },
    power: { value: 30, limit: 150 },
    fanRpm: 2068,
    clocks: { ai: 800e6, axi: 960e6, arc: 800e6 },
    heartbeat: 902_144,
    thermalTrips: 0,
    link: { speed: 16e9, maxSpeed: 32e9, width: 8, maxWidth: 16 },
    pcieErrors: [
      { severity: 'correctable', error: 'RxErr', count: 3 },
      { severity: 'fatal', error: 'DLP', count: 0 },
    ],
    flitCounters: [{ noc: 0, role: 'master', operation: 'read', bytes: 2 ** 53 + 32 }],
    rejected: [
      { sensor: 'vcore', reason: 'implausible' },
      { sensor: 'vcore', reason: 'implausible' },
      { sensor: 'fan', reason: 'all_ones' },
    ],
    numaNode: 0,
    ...known,
  };
}

/** A host of which everything is known: every family of the catalogue has a sample. */
export function richSnapshot(): Snapshot {
  return bareSnapshot({
    driverVersion: '2.10.0',
    devicesExpected: 2,
    maintenance: false,
    devicesByState: { ok: 1, resetting: 0, firmware_down: 0, unreachable: 0, no_driver: 1 },
    devicesSkipped: 0,
    missingRights: ['CAP_SYS_PTRACE'],
    devices: [richDevice(), regionDevice()],
    processes: [
      bareProcess('4242', {
        namespacePid: '1',
        comm: 'python3',
        unit: 'docker-0123.scope',
        containerId: '0123456789ab',
        podUid: 'b2ba3f4e-0b1c-4c8e-9d3e-5f0e6a7b8c9d',
        podName: 'llama-0',
        podNamespace: 'serving',
        containerName: 'server',
        slurmJobId: '77_3',
        user: 'alice',
        alive: true,
        startTimeSeconds: 1_789_990_000.25,
      }),
      bareProcess('?31', { comm: 'train "big"\\\n', alive: false }),
      bareProcess('other'),
    ],
    processesFolded: 3,
    allocationServer: richServer(),
    collectors: [
      { name: 'allocation_server', outcome: 'ok', durationSeconds: 0.0018 },
      { name: 'shared_memory', outcome: 'no_data', durationSeconds: 0.0001 },
      { name: 'sysfs', outcome: 'failed', durationSeconds: 0.5 },
      { name: 'procfs', outcome: 'running', durationSeconds: 9.5 },
    ],
    readErrors: [{ collector: 'sysfs', reason: 'enodata', count: 4 }],
  });
}

/** A chip on PCIe whose numbers are from this project's own allocation server. */
function richDevice(): DeviceSnapshot {
  return bareDevice('0', {
    card: richCard(),
    logicalId: 0,
    chipId: 140_901_540_695_104n,
    location: 0,
    board: 'p150a',
    serial: 0x0000040131924062n,
    arch: 'blackhole',
    capacity: {
      dramBytes: 34_359_738_368,
      l1Bytes: 188_743_680,
      l1AllocatableBytes: 175_411_200,
      source: 'board_table',
      cores: 120,
    },
    estimates: { cb: 58_510_541, kernel: 8_478_720, firmware: 4_849_920 },
    memory: serverMemory(),
    trackers: [
      { source: 'allocation_server', state: 'live', lastUpdateSeconds: 1_789_999_999.5 },
      { source: 'shared_memory', state: 'absent', lastUpdateSeconds: undefined },
    ],
    regions: new Map(),
    holders: { descriptors: 3, invisible: 1, byPid: [{ pid: '4242', descriptors: 2 }] },
  });
}

/** A region that no card explains, of layout 3, with a dead owner. */
function regionDevice(): DeviceSnapshot {
  const bytes = memoryOf({ dram: 4096, trace: 0, l1: 512, l1_small: 0, cb: 64 });
  return bareDevice('0x0000000251c0c4aa', {
    chipId: 0x251c0c4aan,
    gateway: '0',
    memory: bareMemory({
      totals: memoryOf({ dram: 5120, trace: 0, l1: 512, l1_small: 0, cb: 64 }),
      processes: [{ pid: '?31', bytes, detail: undefined }],
      workloads: [{ kind: 'none', workload: '', bytes }],
      unattributed: memoryOf({ dram: 1024, trace: 0, l1: 0, l1_small: 0, cb: 0 }),
      orphaned: [{ pid: '?31', bytes }],
    }),
    trackers: [{ source: 'shared_memory', state: 'ghost', lastUpdateSeconds: 1_789_000_000 }],
    regions: new Map([
      ['ghost', 1],
      ['idle', 2],
    ]),
    regionSlotsUsed: 1,
  });
}

function serverMemory(): DeviceMemory {
  const all = memoryOf({ dram: 1_073_741_824, trace: 0, l1: 2_097_152, l1_small: 32_768, cb: 655_360, kernel: 70_656 });
  return bareMemory({
    source: 'allocation_server',
    version: 'C',
    totals: all,
    processes: [
      {
        pid: '4242',
        bytes: all,
        detail: {
          hostBytes: 1_048_576,
          liveBuffers: memoryOf({ dram: 12, trace: 0, l1: 4, l1_small: 1, cb: 9, kernel: 3 }),
          oldestBufferSeconds: 1_789_990_100,
          lastActivitySeconds: 1_789_999_999.5,
          cbMaxCoreBytes: 8192,
        },
      },
      { pid: 'other', bytes: memoryOf({ dram: 0 }), detail: undefined },
    ],
    workloads: [
      { kind: 'pod', workload: 'b2ba3f4e-0b1c-4c8e-9d3e-5f0e6a7b8c9d', bytes: all },
      { kind: 'none', workload: '', bytes: memoryOf({ dram: 0 }) },
    ],
    unattributed: memoryOf({ dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 0, kernel: 0 }),
    orphaned: [],
    ring: { capacityBytes: 70_656, usedBytes: 51_200, programs: 14 },
    counters: {
      allocations: memoryOf({ dram: 120, l1: 40 }),
      frees: memoryOf({ dram: 100, l1: 36 }),
      allocatedBytes: memoryOf({ dram: 9_007_199_254_740_991 }),
      freedBytes: memoryOf({ dram: 9_007_198_180_999_167 }),
      reclaimedBytes: memoryOf({ dram: 0 }),
      allocationFailures: memoryOf({ l1: 1 }),
    },
    peakBytes: memoryOf({ dram: 2_147_483_648 }),
    largestFreeBlockBytes: memoryOf({ l1: 131_072 }),
    lastFailedAllocationBytes: memoryOf({ l1: 262_144 }),
  });
}

function richServer(): AllocationServerSnapshot {
  const owner = { comm: 'pytest', containerId: '', podUid: '', slurmJobId: '78', unit: 'slurmstepd.scope' };
  return {
    up: true,
    dialect: 'C',
    extension: '1',
    startTimeSeconds: 1_789_900_000,
    messages: new Map([['ALLOC', 160]]),
    rejectedMessages: new Map([['bad_type', 2]]),
    connections: 3,
    // The same PID twice within the time that they are kept.
    endedProcesses: [
      { pid: '4100', ...owner, peaks: [{ device: '0', type: 'dram', bytes: 4096 }] },
      { pid: '4100', ...owner, peaks: [{ device: '0', type: 'dram', bytes: 8192 }] },
    ],
  };
}
