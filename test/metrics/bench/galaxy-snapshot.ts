import type { DeviceSnapshot, ProcessMemory, Snapshot } from '../../../src/snapshot/snapshot.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot, memoryOf, richCard } from '../../support/rich-snapshot.ts';

/** A Galaxy: 32 chips with `processesPerChip` processes each, every one with its own pid. Numbers differ by `seed`. */
export function galaxySnapshot(processesPerChip: number, seed: number): Snapshot {
  const devices = Array.from({ length: 32 }, (_, index) => galaxyDevice(index, processesPerChip, seed));
  const pids = devices.flatMap((device) => device.memory?.processes?.map(({ pid }) => pid) ?? []);
  return bareSnapshot({
    driverVersion: '2.10.0',
    devicesByState: { ok: 32, resetting: 0, firmware_down: 0, unreachable: 0, no_driver: 0 },
    devices,
    processes: pids.map((pid) =>
      bareProcess(pid, { comm: 'python3', unit: 'user.slice', alive: true, startTimeSeconds: 1_789_990_000.25 }),
    ),
    collectors: [{ name: 'sysfs', outcome: 'ok', durationSeconds: 0.0012 }],
  });
}

function galaxyDevice(index: number, processCount: number, seed: number): DeviceSnapshot {
  const processes = Array.from({ length: processCount }, (_, at) => galaxyProcess(1_000_000 + index * 1000 + at, seed));
  return bareDevice(String(index), {
    card: richCard({ index, driverIndex: index }),
    capacity: {
      dramBytes: 34_359_738_368,
      l1Bytes: 204_472_320,
      l1AllocatableBytes: 190_000_000,
      source: 'board_table',
      cores: 130,
    },
    memory: bareMemory({
      totals: memoryOf({ dram: 30e9 + seed, trace: 0, l1: 9e7, l1_small: 0, cb: 123_456 }),
      processes,
      unattributed: memoryOf({ dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 0 }),
      orphaned: [],
    }),
    trackers: [{ source: 'shared_memory', state: 'live', lastUpdateSeconds: 1_789_999_999.5 }],
    holders: { descriptors: processCount, invisible: 0, byPid: [] },
  });
}

function galaxyProcess(pid: number, seed: number): ProcessMemory {
  const spread = (pid * 2_654_435_761 + seed * 97) % 4_294_967_291;
  return {
    pid: String(pid),
    bytes: memoryOf({ dram: spread, trace: spread % 65_536, l1: spread % 1_499_136, l1_small: 0, cb: spread % 99_991 }),
    detail: undefined,
  };
}
