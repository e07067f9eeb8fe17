import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCapacityConfig } from '../../src/capacity/config.ts';
import { joinSnapshot } from '../../src/join/snapshot.ts';
import type { JoinInputs } from '../../src/join/inputs.ts';
import type { Joined } from '../../src/join/snapshot.ts';
import type { DeviceSnapshot } from '../../src/snapshot/snapshot.ts';
import type { RegionReading } from '../../src/sources/shared-memory/types.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';
import {
  brokenRegion,
  card,
  hostProcess,
  memory,
  procfs,
  region,
  server,
  serverDevice,
  serverProcess,
  slot,
} from '../support/readings.ts';
import { joinInputs } from '../support/join-inputs.ts';

const GIB = 1024 ** 3;

const N150_ID = 72059269368820857n;
const N150 = card({ index: 0, arch: 'wormhole', board: 'n150', serial: N150_ID, driverIndex: 0 });
const N300_L = 9956278468n;
const N300_R = 14251245764n;
const N300 = card({ index: 0, arch: 'wormhole', board: 'n300', serial: 0x010001451170c0c4n, driverIndex: 0 });

function join(part: Partial<JoinInputs>, cards: readonly Card[] = []): Joined {
  return joinSnapshot(
    joinInputs({
      sysfs: { driverVersion: '2.10.0', cards },
      ...part,
    }),
  );
}

function device(joined: Joined, label: string): DeviceSnapshot {
  const found = joined.snapshot.devices.find((candidate) => candidate.label === label);
  assert.ok(found, `no device ${label} among ${joined.snapshot.devices.map((one) => one.label).join(' ')}`);
  return found;
}

const labels = (joined: Joined) => joined.snapshot.devices.map((one) => one.label);
const from = (one: DeviceSnapshot) => `${one.memory?.source ?? '-'} ${one.memory?.totals.dram ?? '-'}`;

describe('which chip a tracker speaks of', () => {
  it('is known for the region of a card, and the owner of a slot by the region holder', () => {
    const regions = region(N150_ID, { dram: 7, l1: 3 }, [slot(17, { dram: 5, l1: 3 })]);
    const joined = join(
      {
        sharedMemory: { regions: [regions] },
        procfs: procfs({
          processes: [hostProcess(4242, { namespacePids: [4242, 17] })],
          devices: { 0: [4242, 4242] },
          held: [{ file: regions.file, pids: [4242] }],
        }),
      },
      [N150],
    );
    const chip = device(joined, '0');
    assert.equal(chip.chipId, N150_ID);
    assert.deepEqual(chip.memory, {
      source: 'shared_memory',
      version: '3',
      totals: memory({ dram: 7, l1: 3 }),
      processes: [{ pid: '4242', bytes: memory({ dram: 5, l1: 3 }), detail: undefined }],
      workloads: [{ kind: 'none', workload: '', bytes: memory({ dram: 5, l1: 3 }) }],
      unattributed: memory({ dram: 2, l1: 0 }),
      orphaned: [],
      ring: undefined,
      counters: undefined,
      peakBytes: undefined,
      largestFreeBlockBytes: undefined,
      lastFailedAllocationBytes: undefined,
    });
    assert.deepEqual(chip.trackers, [{ source: 'shared_memory', state: 'live', lastUpdateSeconds: 1000 }]);
    assert.deepEqual(chip.regions, new Map([['live', 1]]));
    assert.deepEqual(chip.holders, { descriptors: 2, invisible: 0, byPid: [{ pid: '4242', descriptors: 2 }] });
    assert.deepEqual(
      joined.snapshot.processes.map(({ pid, namespacePid, comm, alive }) => ({ pid, namespacePid, comm, alive })),
      [{ pid: '4242', namespacePid: '17', comm: 'comm4242', alive: true }],
    );
  });

  it('is a device of its own, by its number, where no card explains it', () => {
    const joined = join({ sharedMemory: { regions: [region(0xabcn, { dram: 1 }, [])] } }, [N150]);
    assert.deepEqual(labels(joined), ['0', '0x0000000000000abc']);
    assert.deepEqual(device(joined, '0').trackers, [
      { source: 'shared_memory', state: 'absent', lastUpdateSeconds: undefined },
    ]);
  });

  it('is unverifiable, not absent, where a process that holds the chip may not be looked into', () => {
    const states = (unseenHolders: readonly number[], regions: readonly RegionReading[] = []) =>
      device(
        join({ sharedMemory: { regions, unseenHolders }, procfs: procfs({ processes: [], devices: { 0: [42] } }) }, [
          N150,
        ]),
        '0',
      ).trackers.map(({ state }) => state);
    assert.deepEqual(states([42]), ['unverifiable']);
    assert.deepEqual(states([43]), ['absent']);
    const idle = region(N150_ID, { dram: 0 }, []);
    assert.deepEqual(states([42], [idle]), ['unverifiable']);
    assert.deepEqual(states([43], [idle]), ['idle']);
  });

  it('gives a chip that no card explains what all cards have, where all are alike', () => {
    const cores = (cards: readonly Card[]) => {
      const joined = join({ sharedMemory: { regions: [region(0xabcn, { dram: 1 }, [])] } }, cards);
      return device(joined, '0x0000000000000abc').capacity.cores;
    };
    const galaxy = [0, 1].map((index) => card({ index, arch: 'wormhole', board: 'galaxy-wormhole' }));
    assert.equal(cores(galaxy), 80);
    assert.equal(cores([...galaxy, card({ index: 2, arch: 'wormhole', board: 'n150' })]), undefined);
    assert.equal(cores([...galaxy, card({ index: 2, state: undefined })]), undefined);
    assert.equal(cores([]), undefined);
  });

  it('is told by a process that holds one region and one device', () => {
    const cards = [0, 1].map((index) =>
      card({ index, arch: 'wormhole', board: 'galaxy-wormhole', driverIndex: 5 - index }),
    );
    const unknown = region(0x0341424344454647n, { dram: 9 }, [slot(60, { dram: 9 })]);
    const told = join(
      {
        sharedMemory: { regions: [unknown] },
        procfs: procfs({
          processes: [hostProcess(60)],
          devices: { 4: [60], 5: [] },
          held: [{ file: unknown.file, pids: [60] }],
        }),
      },
      cards,
    );
    assert.deepEqual(labels(told), ['0', '1']);
    assert.equal(from(device(told, '1')), 'shared_memory 9');
    const holdsBoth = join(
      {
        sharedMemory: { regions: [unknown] },
        procfs: procfs({
          processes: [hostProcess(60)],
          devices: { 4: [60], 5: [60] },
          held: [{ file: unknown.file, pids: [60] }],
        }),
      },
      cards,
    );
    assert.deepEqual(labels(holdsBoth), ['0', '1', '0x0341424344454647']);
  });

  it('is never told by a process whose evidence another contradicts', () => {
    const cards = [0, 1].map((index) => card({ index, arch: 'wormhole', board: 'galaxy-wormhole' }));
    const unknown = region(0x77n, { dram: 9 }, []);
    const joined = join(
      {
        sharedMemory: { regions: [unknown] },
        procfs: procfs({
          processes: [hostProcess(60), hostProcess(61)],
          devices: { 0: [60], 1: [61] },
          held: [{ file: unknown.file, pids: [60, 61] }],
        }),
      },
      cards,
    );
    assert.deepEqual(labels(joined), ['0', '1', '0x0000000000000077']);
  });

  it('gives an n300 its second chip, with the capacity of one', () => {
    const joined = join(
      { sharedMemory: { regions: [region(N300_L, { dram: 1 }, []), region(N300_R, { dram: 2 }, [])] } },
      [N300],
    );
    assert.deepEqual(labels(joined), ['0', '0R']);
    const second = device(joined, '0R');
    assert.deepEqual(
      [
        second.card,
        second.gateway,
        second.location,
        second.board,
        second.capacity.cores,
        second.capacity.dramBytes,
        from(second),
      ],
      [undefined, '0', 1, 'n300', 64, 12 * GIB, 'shared_memory 2'],
    );
  });
});

describe('the device numbers of an allocation server', () => {
  const up = (...ids: readonly number[]) => server(ids.map((id) => serverDevice(id, { dram: 100 + id })));

  it('count the cards with a driver in order of PCI address', () => {
    const cards = [
      card({ index: 0, driverIndex: undefined, state: 'no_driver' }),
      card({ index: 1, driverIndex: 1 }),
      card({ index: 2, driverIndex: 0 }),
    ];
    const joined = join({ allocationServer: up(0, 1) }, cards);
    assert.deepEqual(
      labels(joined).map((label) => [label, from(device(joined, label))]),
      [
        ['0', '- -'],
        ['1', 'allocation_server 100'],
        ['2', 'allocation_server 101'],
      ],
    );
    assert.deepEqual(
      joined.snapshot.devices.map((one) => one.logicalId),
      [undefined, 0, 1],
    );
  });

  it('mean the second chip where one n300 is all there is', () => {
    const joined = join({ allocationServer: up(0, 1) }, [N300]);
    assert.equal(from(device(joined, '0R')), 'allocation_server 101');
  });

  it('stay as they are where nothing explains them, and are marked where they would be taken for a card', () => {
    assert.deepEqual(labels(join({ allocationServer: up(0, 5) }, [N150])), ['0', '5']);
    const undriven = [card({ index: 0, driverIndex: undefined }), card({ index: 1, driverIndex: undefined })];
    assert.deepEqual(labels(join({ allocationServer: up(0, 7) }, undriven)), ['0', '1', 'm0', '7']);
  });

  it('of remote chips are left out, and counted, where regions say which is which', () => {
    const cards = [N300, card({ ...N300, index: 1, serial: 0x0100014511700000n, driverIndex: 1 })];
    const regions = { regions: [region(N300_R, { dram: 9 }, [])] };
    const auto = join({ allocationServer: up(0, 1, 2, 3), sharedMemory: regions }, cards);
    assert.deepEqual(labels(auto), ['0', '0R', '1', '1R']);
    assert.deepEqual(
      auto.errors.map(({ collector, reason }) => `${collector} ${reason}`),
      ['allocation_server unresolved_device', 'allocation_server unresolved_device'],
    );
    const alone = join({ allocationServer: up(0, 1, 2, 3) }, cards);
    assert.deepEqual(labels(alone), ['0', '0R', '1', '1R', '2', '3']);
    assert.deepEqual(alone.errors, []);
  });

  it('are no devices where nobody else knows them and all is zero', () => {
    const joined = join(
      {
        allocationServer: server(
          [0, 1, 2].map((id) => serverDevice(id, { dram: 0, l1: 0 })),
          { dialect: 'A' },
        ),
      },
      [N150],
    );
    assert.deepEqual(labels(joined), ['0']);
    assert.equal(from(device(joined, '0')), 'allocation_server 0');
  });
});

describe('a process that /proc is not read for', () => {
  it('has the name that the allocation server gives it', () => {
    const process = serverProcess(60, { dram: 40 }, { reportedPid: 1, comm: 'trainer' });
    const device = serverDevice(0, { dram: 40 }, { processes: [process] });
    const { processes } = join({ allocationServer: server([device]) }).snapshot;
    assert.deepEqual(
      processes.map(({ pid, comm }) => ({ pid, comm })),
      [{ pid: '60', comm: 'trainer' }],
    );
  });
});

describe('which tracker a chip gets its numbers from', () => {
  const shared = { regions: [region(N150_ID, { dram: 50 }, [slot(60, { dram: 50 })])] };
  const totals = serverDevice(0, { dram: 40 });
  const process = serverProcess(60, { dram: 40 });
  const detailed = serverDevice(0, { dram: 40 }, { processes: [process] });
  const partial = serverDevice(0, { dram: 40 }, { processes: [{ ...process, partial: true }] });
  const idle = { regions: [region(N150_ID, { dram: 0 }, [])] };
  const cases: readonly (readonly [string, Partial<JoinInputs>, string])[] = [
    [
      'totals only, against processes: the region',
      { allocationServer: server([totals]), sharedMemory: shared },
      'shared_memory 50',
    ],
    [
      'both with processes: the server',
      { allocationServer: server([detailed]), sharedMemory: shared },
      'allocation_server 40',
    ],
    [
      'a server whose books are partial: the region',
      { allocationServer: server([partial]), sharedMemory: shared },
      'shared_memory 50',
    ],
    ['a partial server alone: the server', { allocationServer: server([partial]) }, 'allocation_server 40'],
    ['only totals: the totals', { allocationServer: server([totals]) }, 'allocation_server 40'],
    [
      'an idle region that nobody holds: the server that sees bytes',
      { allocationServer: server([totals]), sharedMemory: idle },
      'allocation_server 40',
    ],
    [
      'an idle region and an idle server: the region',
      { allocationServer: server([serverDevice(0, { dram: 0 })]), sharedMemory: idle },
      'shared_memory 0',
    ],
    [
      'a region that cannot be read: the server',
      { allocationServer: server([totals]), sharedMemory: { regions: [brokenRegion(N150_ID, 'unreadable')] } },
      'allocation_server 40',
    ],
    [
      'the server asked for by flag',
      { allocationServer: server([totals]), sharedMemory: shared, memorySource: 'allocation-server' },
      'allocation_server 40',
    ],
    [
      'the regions asked for by flag',
      { allocationServer: server([detailed]), sharedMemory: shared, memorySource: 'shared-memory' },
      'shared_memory 50',
    ],
    [
      'the regions asked for by flag and absent',
      { allocationServer: server([detailed]), memorySource: 'shared-memory' },
      '- -',
    ],
  ];
  for (const [what, inputs, expected] of cases) {
    it(what, () => {
      assert.equal(from(device(join(inputs, [N150]), '0')), expected);
    });
  }

  it('never adds two trackers up, and tells the state of both', () => {
    const joined = join({ allocationServer: server([detailed]), sharedMemory: shared }, [N150]);
    assert.deepEqual(
      device(joined, '0').trackers.map(({ source, state }) => `${source} ${state}`),
      ['allocation_server live', 'shared_memory unverifiable'],
    );
  });

  it('prefers a further tracker to both', () => {
    const joined = join(
      {
        allocationServer: server([detailed]),
        sharedMemory: shared,
        furtherTrackers: [
          {
            source: 'driver',
            chip: { by: 'driver_index', index: 0 },
            version: '1',
            state: 'live',
            readable: true,
            lastUpdateSeconds: undefined,
            totals: memory({ dram: 30 }),
            processes: [
              { hostPid: 60, reportedPid: 60, name: 'x', gone: false, bytes: memory({ dram: 30 }), detail: undefined },
            ],
            provable: true,
            inUse: true,
            slotsUsed: undefined,
            extras: undefined,
          },
        ],
      },
      [N150],
    );
    assert.equal(from(device(joined, '0')), 'driver 30');
  });

  it('says that a server which failed, or is not believed, could not be read, and nothing where there is none', () => {
    const states = (part: Partial<JoinInputs>) =>
      device(join(part, [N150]), '0').trackers.map(({ source, state }) => `${source} ${state}`);
    assert.deepEqual(states({ allocationServerFailed: true }), ['allocation_server unreadable']);
    assert.deepEqual(states({ allocationServer: server([], { status: 'untrusted' }), allocationServerFailed: true }), [
      'allocation_server untrusted',
    ]);
    assert.deepEqual(states({}), []);
  });
});

describe('the state of a region and the bytes of the dead', () => {
  const dead = region(N150_ID, { dram: 8 }, [slot(60, { dram: 8 })]);
  const joinHeld = (
    reading: typeof dead,
    pids: readonly number[],
    complete: boolean,
    processes = pids.map((pid) => hostProcess(pid)),
  ) =>
    join(
      {
        sharedMemory: { regions: [reading] },
        procfs: procfs({ processes, held: [{ file: reading.file, pids, ...(complete ? {} : { cleared: [] }) }] }),
      },
      [N150],
    );

  it('is ghost only on proof, and then the bytes are orphaned under a label of their own', () => {
    const joined = joinHeld(dead, [], true);
    const chip = device(joined, '0');
    assert.equal(chip.trackers[0]?.state, 'ghost');
    assert.deepEqual(chip.memory?.orphaned, [{ pid: '?60', bytes: memory({ dram: 8 }) }]);
    assert.deepEqual(
      joined.snapshot.processes.map(({ pid, alive, comm }) => ({ pid, alive, comm })),
      [{ pid: '?60', alive: false, comm: 'name60' }],
    );
  });

  it('is unverifiable without proof: nobody is called dead and nothing orphaned', () => {
    const joined = joinHeld(dead, [], false);
    const chip = device(joined, '0');
    assert.equal(chip.trackers[0]?.state, 'unverifiable');
    assert.equal(chip.memory?.orphaned, undefined);
    assert.deepEqual(
      joined.snapshot.processes.map(({ pid, alive }) => ({ pid, alive })),
      [{ pid: '?60', alive: undefined }],
    );
  });

  it('is live while held, though one slot of it be a dead process', () => {
    const both = region(N150_ID, { dram: 9 }, [slot(60, { dram: 8 }), slot(61, { dram: 1 })]);
    const chip = device(joinHeld(both, [61], true), '0');
    assert.equal(chip.trackers[0]?.state, 'live');
    assert.deepEqual(chip.memory?.orphaned, [{ pid: '?60', bytes: memory({ dram: 8 }) }]);
    assert.deepEqual(
      chip.memory.processes?.map((one) => one.pid),
      ['?60', '61'],
    );
  });

  it('is idle where all bytes are 0, which proves that nothing leaked', () => {
    const chip = device(joinHeld(region(N150_ID, { dram: 0 }, []), [], false), '0');
    assert.equal(chip.trackers[0]?.state, 'idle');
    assert.deepEqual(chip.memory?.orphaned, []);
  });

  it('is partial in version 4 where a holder has no slot, unless it is the child of one', () => {
    const v4 = region(N150_ID, { dram: 8 }, [slot(60, { dram: 8 })], { version: 4 });
    const state = (child: number) =>
      device(joinHeld(v4, [60, 61], true, [hostProcess(60), hostProcess(61, { parentPid: child })]), '0').trackers[0]
        ?.state;
    assert.equal(state(1), 'partial');
    assert.equal(state(60), 'live');
  });

  it('adds up the regions of one chip, and says the worst of their states', () => {
    const container = { ...region(N150_ID, { dram: 5 }, [slot(60, { dram: 5 })]), file: { dev: 99, ino: 7 } };
    const joined = join(
      {
        sharedMemory: { regions: [dead, container, brokenRegion(N150_ID, 'unreadable')] },
        procfs: procfs({
          processes: [hostProcess(500, { namespacePids: [500, 60] })],
          held: [
            { file: dead.file, pids: [] },
            { file: container.file, pids: [500] },
          ],
        }),
      },
      [N150],
    );
    const chip = device(joined, '0');
    assert.equal(chip.memory?.totals.dram, 13);
    assert.deepEqual(
      chip.memory.processes?.map(({ pid, bytes }) => [pid, bytes.dram]),
      [
        ['?60', 8],
        ['500', 5],
      ],
    );
    assert.equal(chip.trackers[0]?.state, 'unreadable');
    assert.deepEqual(
      chip.regions,
      new Map([
        ['ghost', 1],
        ['live', 1],
        ['unreadable', 1],
      ]),
    );
  });
});

describe('a snapshot', () => {
  it('counts the cards by state and those that are blocked', () => {
    const cards = [card({ index: 0 }), card({ index: 1, state: 'resetting' }), card({ index: 2, state: undefined })];
    const { snapshot } = join({}, cards);
    assert.deepEqual(snapshot.devicesByState, { ok: 1, resetting: 1, firmware_down: 0, unreachable: 0, no_driver: 0 });
    assert.equal(snapshot.devicesSkipped, 1);
  });

  it('shows nothing of collectors that were only read for the labels', () => {
    const joined = join(
      {
        shown: new Set(['allocation_server']),
        allocationServer: server([serverDevice(0, { dram: 1 })]),
        procfs: procfs({ devices: { 0: [60] } }),
      },
      [N150],
    );
    const chip = device(joined, '0');
    assert.deepEqual(
      [chip.card, chip.holders, joined.snapshot.devicesByState, joined.snapshot.processes],
      [undefined, undefined, undefined, []],
    );
    assert.equal(chip.capacity.cores, 72);
  });

  it('has one process for every pid that occurs, also those that only hold a device', () => {
    const joined = join({ procfs: procfs({ processes: [hostProcess(9)], devices: { 0: [9, 7, 0] } }) }, [N150]);
    assert.deepEqual(
      joined.snapshot.processes.map(({ pid, alive, comm }) => ({ pid, alive, comm })),
      [
        { pid: '7', alive: undefined, comm: '' },
        { pid: '9', alive: true, comm: 'comm9' },
      ],
    );
  });

  it('says whether the allocation server is up, where it was asked', () => {
    assert.equal(join({}).snapshot.allocationServer?.up, false);
    assert.equal(join({ allocationServer: server([]) }).snapshot.allocationServer?.up, true);
    assert.equal(join({ shown: new Set(['sysfs']) }).snapshot.allocationServer, undefined);
  });

  it('takes the capacity of a card from the configuration', () => {
    const capacityConfig = parseCapacityConfig('boards: {n150: {cores: 70}}', 'c.yml');
    assert.deepEqual(device(join({ capacityConfig }, [N150]), '0').capacity.source, 'config');
  });
});
