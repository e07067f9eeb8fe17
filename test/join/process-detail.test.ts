import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ProcessBudget } from '../../src/join/process-budget.ts';
import { limitDetail, occurringPids } from '../../src/join/process-detail.ts';
import { joinSnapshot } from '../../src/join/snapshot.ts';
import type { JoinInputs } from '../../src/join/inputs.ts';
import type { Joined } from '../../src/join/snapshot.ts';
import { MEMORY_TYPES, addMemory, noMemory } from '../../src/snapshot/memory-types.ts';
import type { MemoryBytes } from '../../src/snapshot/memory-types.ts';
import type { DeviceSnapshot } from '../../src/snapshot/snapshot.ts';
import { card, hostProcess, memory, procfs, region, server, slot } from '../support/readings.ts';
import { bareDevice, bareMemory } from '../support/rich-snapshot.ts';
import { joinInputs } from '../support/join-inputs.ts';

const SHOWN = new Set(['allocation_server', 'shared_memory', 'sysfs', 'procfs']);
const CHIP_ID = 72059269368820857n;

/** An n150 with a region: 60 and 61 live, 62 lives and has nothing but the device open, 70 and 71 are gone. */
function host(part: Partial<JoinInputs>): Joined['snapshot'] {
  const reading = region(CHIP_ID, { dram: 1000, l1: 50 }, [
    slot(60, { dram: 500, l1: 1 }),
    slot(61, { dram: 300, l1: 40 }),
    slot(70, { dram: 20, l1: 2 }),
    slot(71, { dram: 30, l1: 0 }),
  ]);
  const pids = [60, 61, 62];
  const unit = { unit: 'a.service', containerId: undefined, podUid: undefined, slurmJobId: undefined };
  return joinSnapshot(
    joinInputs({
      sysfs: {
        driverVersion: '2.10.0',
        cards: [card({ index: 0, arch: 'wormhole', board: 'n150', serial: CHIP_ID })],
      },
      procfs: procfs({
        processes: pids.map((pid) => hostProcess(pid, { uid: pid, cgroup: unit })),
        devices: { 0: [60, 60, 61, 62] },
        held: [{ file: reading.file, pids: [60, 61] }],
      }),
      sharedMemory: { regions: [reading] },
      allocationServer: server([], {
        endedProcesses: [
          {
            reportedPid: 50,
            hostPid: 50,
            comm: 'old',
            startTimeSeconds: undefined,
            endedSeconds: 1990,
            containerId: undefined,
            podUid: undefined,
            slurmJobId: undefined,
            unit: undefined,
            devices: [],
            regions: [],
          },
        ],
      }),
      ...part,
    }),
  ).snapshot;
}

/** All that a snapshot says of single processes. */
function named(snapshot: Joined['snapshot']) {
  const [chip] = snapshot.devices;
  return {
    processes: chip?.memory?.processes?.map(({ pid, bytes }) => [pid, bytes.dram, bytes.l1]),
    orphaned: chip?.memory?.orphaned?.map(({ pid, bytes }) => [pid, bytes.dram, bytes.l1]),
    holders: chip?.holders?.byPid.map(({ pid, descriptors }) => [pid, descriptors]),
    described: snapshot.processes.map(({ pid, alive }) => [pid, alive]),
    ended: snapshot.allocationServer?.endedProcesses.map(({ pid }) => pid),
    folded: snapshot.processesFolded,
  };
}

const ORPHANED = [
  ['?70', 20, 2],
  ['?71', 30, 0],
];
const GONE = [
  ['?70', false],
  ['?71', false],
];

describe('processes of one answer after another', () => {
  it('are those of the answer, whoever was there before', () => {
    const budget = new ProcessBudget(2);
    const shownOf = (memoryOf: readonly string[], heldBy: readonly string[]): string[] => {
      const device = bareDevice('0', {
        memory: bareMemory({
          processes: memoryOf.map((pid) => ({ pid, bytes: memory({ dram: Number(pid) }), detail: undefined })),
        }),
        holders: { descriptors: 0, invisible: 0, byPid: heldBy.map((pid) => ({ pid, descriptors: 1 })) },
      });
      const { devices } = limitDetail([device], { processDetail: 'pid', processBudget: budget, shown: SHOWN });
      return [...occurringPids(devices)].sort();
    };
    assert.deepEqual(shownOf(['1', '2'], []), ['1', '2']);
    assert.deepEqual(shownOf(['1'], ['2']), ['1', '2']);
    assert.deepEqual(shownOf(['1', '3'], []), ['1', '3']);
    assert.deepEqual(shownOf(['1', '3'], ['2']), ['1', '3', 'other']);
    assert.deepEqual(shownOf(['3'], ['4']), ['3', '4']);
    assert.deepEqual(shownOf([], []), []);
  });
});

describe('what is said of single processes', () => {
  it('is everything by default', () => {
    assert.deepEqual(named(host({})), {
      processes: [['60', 500, 1], ['61', 300, 40], ...ORPHANED],
      orphaned: ORPHANED,
      holders: [
        ['60', 2],
        ['61', 1],
        ['62', 1],
      ],
      described: [['60', true], ['61', true], ['62', true], ...GONE],
      ended: ['50'],
      folded: 0,
    });
  });

  it('is only what leaked, with detail workload', () => {
    assert.deepEqual(named(host({ processDetail: 'workload' })), {
      processes: undefined,
      orphaned: ORPHANED,
      holders: [],
      described: GONE,
      ended: [],
      folded: 0,
    });
  });

  it('is nothing, with detail none: what leaked is summed up', () => {
    assert.deepEqual(named(host({ processDetail: 'none' })), {
      processes: undefined,
      orphaned: [['other', 50, 2]],
      holders: [],
      described: [['other', undefined]],
      ended: [],
      folded: 0,
    });
  });

  it('changes no sum by workload, no number of holders and nothing that is unattributed', () => {
    const sums = (snapshot: Joined['snapshot']) =>
      snapshot.devices.map(({ memory, holders }) => [memory?.workloads, memory?.unattributed, holders?.descriptors]);
    const expected = [
      [
        [
          { kind: 'unit', workload: 'a.service', bytes: memory({ dram: 800, l1: 41 }) },
          { kind: 'none', workload: '', bytes: memory({ dram: 50, l1: 2 }) },
        ],
        memory({ dram: 150, l1: 7 }),
        4,
      ],
    ];
    for (const processDetail of ['pid', 'workload', 'none'] as const) {
      assert.deepEqual(sums(host({ processDetail })), expected);
    }
    assert.deepEqual(sums(host({ processBudget: new ProcessBudget(1) })), expected);
  });

  it('describes no owner that left nothing behind', () => {
    const reading = region(CHIP_ID, { dram: 8 }, [slot(60, { dram: 8 }), slot(70, { dram: 0 })]);
    const inputs = {
      sharedMemory: { regions: [reading] },
      procfs: procfs({ processes: [hostProcess(60)], held: [{ file: reading.file, pids: [60] }] }),
    };
    const described = (processDetail: JoinInputs['processDetail']) =>
      host({ ...inputs, processDetail }).processes.map(({ pid }) => pid);
    assert.deepEqual(described('pid'), ['60', '?70']);
    assert.deepEqual(described('workload'), []);
    assert.deepEqual(described('none'), []);
  });

  it('says nothing of owners where it cannot be proven that they are gone', () => {
    const unproven = procfs({ missingRights: ['CAP_SYS_PTRACE'] });
    for (const processDetail of ['workload', 'none'] as const) {
      const { orphaned, described } = named(host({ processDetail, procfs: unproven }));
      assert.deepEqual([orphaned, described], [undefined, []]);
    }
  });

  it('has the name of the user where users are shown, and the uid where it has none', () => {
    const users = (userNames: JoinInputs['userNames']) =>
      host({ userNames }).processes.map(({ pid, user }) => [pid, user]);
    assert.deepEqual(users(undefined), [
      ['60', ''],
      ['61', ''],
      ['62', ''],
      ['?70', ''],
      ['?71', ''],
    ]);
    assert.deepEqual(users(new Map([[60, 'alice']])), [
      ['60', 'alice'],
      ['61', '61'],
      ['62', '62'],
      ['?70', ''],
      ['?71', ''],
    ]);
  });
});

describe('processes beyond the limit', () => {
  it('are folded where they are small in both memories, all their numbers together, but not the gone', () => {
    // 61 has the largest share of L1, which counts as much as 60's of DRAM.
    assert.deepEqual(named(host({ processBudget: new ProcessBudget(1) })), {
      processes: [['61', 300, 40], ...ORPHANED, ['other', 500, 1]],
      orphaned: ORPHANED,
      holders: [
        ['61', 1],
        ['other', 3],
      ],
      described: [['61', true], ...GONE, ['other', undefined]],
      ended: ['50'],
      folded: 2,
    });
    assert.deepEqual(named(host({ processBudget: new ProcessBudget(2) })).holders, [
      ['60', 2],
      ['61', 1],
      ['other', 1],
    ]);
  });

  it('are described where another chip shows them, and counted once', () => {
    const chip = (label: string, ...sizes: readonly (readonly [string, number])[]) =>
      bareDevice(label, {
        memory: bareMemory({
          processes: sizes.map(([pid, dram]) => ({ pid, bytes: memory({ dram }), detail: undefined })),
        }),
      });
    const { devices, folded } = limitDetail([chip('0', ['1', 9], ['2', 5], ['3', 1]), chip('1', ['2', 9], ['3', 1])], {
      processDetail: 'pid',
      processBudget: new ProcessBudget(1),
      shown: SHOWN,
    });
    assert.deepEqual([...occurringPids(devices)], ['1', 'other', '2']);
    assert.equal(folded, 2);
  });

  const bytes = fc.record(
    Object.fromEntries(
      MEMORY_TYPES.map((type) => [
        type,
        fc.option(
          fc.nat(2 ** 31 - 1).map((n) => n * 2 ** 15),
          { nil: undefined },
        ),
      ]),
    ),
  );
  const process = fc.record({
    pid: fc.integer({ min: -20, max: 40 }).map((n) => (n < 0 ? `?${-n}` : `${n}`)),
    bytes: bytes.map((known) => memory(known)),
    gone: fc.boolean(),
  });
  const holder = fc.record({
    pid: fc.integer({ min: 0, max: 60 }).map(String),
    descriptors: fc.integer({ min: 1, max: 9 }),
  });
  const device = fc
    .record({
      processes: fc.uniqueArray(process, { selector: ({ pid }) => pid, maxLength: 40 }),
      holders: fc.option(fc.uniqueArray(holder, { selector: ({ pid }) => pid, maxLength: 40 })),
    })
    .map(({ processes, holders }) =>
      bareDevice('0', {
        memory: bareMemory({
          processes: processes.map(({ pid, bytes }) => ({ pid, bytes, detail: undefined })),
          orphaned: processes.filter(({ gone }) => gone).map(({ pid, bytes }) => ({ pid, bytes })),
        }),
        holders: holders === null ? undefined : { descriptors: holders.length, invisible: 0, byPid: holders },
      }),
    );

  it('leave every sum exact, within the limit, with no pid twice and no owner that is gone among them', () => {
    fc.assert(
      fc.property(
        fc.array(device, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        (rounds, limit) => {
          const processBudget = new ProcessBudget(limit);
          for (const before of rounds) {
            const { devices, folded } = limitDetail([before], { processDetail: 'pid', processBudget, shown: SHOWN });
            const [after] = devices;
            assert.ok(after !== undefined);
            assert.deepEqual(sumOf(after), sumOf(before));
            assert.deepEqual(after.memory?.orphaned, before.memory?.orphaned);
            const pids = occurringPids([after]);
            const gone = new Set(before.memory?.orphaned?.map(({ pid }) => pid));
            for (const list of [after.memory?.processes, after.holders?.byPid]) {
              const labels = list?.map(({ pid }) => pid) ?? [];
              assert.deepEqual(labels, [...new Set(labels)]);
            }
            for (const pid of gone) assert.ok(after.memory?.processes?.some((one) => one.pid === pid));
            const all = occurringPids([before]);
            const counted = [...all].filter((pid) => !gone.has(pid)).length;
            assert.equal(folded, Math.max(0, counted - limit));
            assert.equal(pids.size, all.size - folded + (folded > 0 ? 1 : 0));
          }
        },
      ),
    );
  });
});

function sumOf({ memory, holders }: DeviceSnapshot): [MemoryBytes, number | undefined] {
  const sum = noMemory();
  for (const { bytes } of memory?.processes ?? []) addMemory(sum, bytes);
  return [sum, holders?.byPid.reduce((total, { descriptors }) => total + descriptors, 0)];
}
