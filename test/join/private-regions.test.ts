import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinSnapshot } from '../../src/join/snapshot.ts';
import type { JoinError } from '../../src/join/inputs.ts';
import type { DeviceSnapshot } from '../../src/snapshot/snapshot.ts';
import type { HostProcess } from '../../src/sources/procfs/types.ts';
import type { RegionReading } from '../../src/sources/shared-memory/types.ts';
import type { FileId } from '../../src/sources/source.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';
import { card, hostProcess, procfs, region, slot } from '../support/readings.ts';
import type { ProcfsParts } from '../support/readings.ts';
import { joinInputs } from '../support/join-inputs.ts';

const N150_ID = 72059269368820857n;
const N150 = card({ index: 0, arch: 'wormhole', board: 'n150', serial: N150_ID });
const OTHER_ID = 72059269368820858n;
const OTHER = card({ index: 1, arch: 'wormhole', board: 'n150', serial: OTHER_ID });
/** Cards of a Galaxy, of whose numbers nothing is known. */
const GALAXY = [0, 1, 2].map((index) => card({ index, board: 'galaxy-wormhole', serial: 5n }));

/** Mount namespaces. */
const A = 4001;
const B = 4002;

let nextInode = 1000;

/** A region in the /dev/shm of containers. */
function privateRegion(
  nameId: bigint,
  namespaces: readonly number[],
  dram: number,
  slots = [slot(1, { dram })],
): RegionReading & { readonly file: FileId } {
  const reading = region(nameId, { dram }, slots);
  return {
    ...reading,
    path: `/proc/${namespaces[0]}/root${reading.path}`,
    namespaces,
    file: { dev: 99, ino: nextInode++ },
  };
}

/** A container's process, which sees itself as 1. */
function inContainer(pid: number, mountNamespace: number | undefined, part: Partial<HostProcess> = {}): HostProcess {
  return hostProcess(pid, { namespacePids: [pid, 1], mountNamespace, ...part });
}

function join(cards: readonly Card[], regions: readonly RegionReading[], parts: ProcfsParts) {
  const { snapshot, errors } = joinSnapshot(
    joinInputs({
      shown: new Set(['shared_memory', 'sysfs', 'procfs']),
      sysfs: { driverVersion: '2.10.0', cards },
      procfs: procfs(parts),
      sharedMemory: { regions },
    }),
  );
  return { devices: snapshot.devices.map(summary), processes: snapshot.processes, errors };
}

/** Label, dram in all, dram by pid, orphans, and how many regions are in which state. */
function summary({ label, memory, regions }: DeviceSnapshot) {
  return {
    label,
    dram: memory?.totals.dram,
    pids: (memory?.processes ?? []).map(({ pid, bytes }) => `${pid}: ${bytes.dram ?? '-'}`),
    orphaned: memory?.orphaned?.map(({ pid }) => pid),
    regions: [...(regions ?? [])].map(([state, count]) => `${count} ${state}`),
  };
}

const reasons = (errors: readonly JoinError[]) => errors.map(({ collector, reason }) => `${collector} ${reason}`);

describe('regions in the /dev/shm of containers', () => {
  it('add up on one chip, and equal PIDs inside belong to the right processes outside', () => {
    const [one, two] = [privateRegion(N150_ID, [A], 5), privateRegion(N150_ID, [B], 7)];
    const own = region(N150_ID, { dram: 1 }, [slot(60, { dram: 1 })]);
    const { devices, errors } = join([N150], [own, one, two], {
      processes: [inContainer(100, A), inContainer(200, B), hostProcess(60), hostProcess(1)],
      devices: { 0: [100, 200, 60] },
      held: [
        { file: one.file, pids: [100] },
        { file: two.file, pids: [200] },
        { file: own.file, pids: [60] },
      ],
    });
    assert.deepEqual(errors, []);
    assert.deepEqual(devices, [
      { label: '0', dram: 13, pids: ['60: 1', '100: 5', '200: 7'], orphaned: [], regions: ['3 live'] },
    ]);
  });

  it('belong to whoever of their own namespace holds the chip where nobody could look at descriptors', () => {
    const [one, two] = [privateRegion(N150_ID, [A], 5), privateRegion(N150_ID, [B], 7)];
    const { devices } = join([N150], [one, two], {
      processes: [inContainer(100, A), inContainer(200, B)],
      devices: { 0: [100, 200] },
    });
    assert.deepEqual(devices, [
      { label: '0', dram: 12, pids: ['100: 5', '200: 7'], orphaned: undefined, regions: ['2 unverifiable'] },
    ]);
  });

  it('count only where a process of the namespace holds the chip', () => {
    const forged = privateRegion(N150_ID, [A], 5000);
    const honest = privateRegion(N150_ID, [B], 7);
    const { devices, errors } = join([N150, OTHER], [forged, honest], {
      processes: [inContainer(100, A), inContainer(200, B)],
      devices: { 0: [200], 1: [100] },
      held: [
        { file: forged.file, pids: [100] },
        { file: honest.file, pids: [200] },
      ],
    });
    assert.deepEqual(devices, [
      // What is proven of the honest one stays proven.
      { label: '0', dram: 7, pids: ['200: 7'], orphaned: [], regions: ['1 live', '1 untrusted'] },
      { label: '1', dram: undefined, pids: [], orphaned: undefined, regions: [] },
    ]);
    const message = `${forged.path} is not believed: no process of its mount namespace is known to hold the chip that it claims to be of`;
    assert.deepEqual(errors, [{ collector: 'shared_memory', reason: 'untrusted', message }]);
  });

  it('do not count where the holder is of a namespace that is not known, or nobody is known to hold it', () => {
    const one = privateRegion(N150_ID, [A], 5);
    const without: ProcfsParts[] = [
      { processes: [inContainer(100, undefined)], devices: { 0: [100] } },
      { processes: [inContainer(100, A)], devices: { 0: [0] } },
      {},
    ];
    for (const parts of without) {
      const { devices } = join([N150], [one], parts);
      assert.deepEqual(devices[0]?.regions, ['1 untrusted']);
      assert.equal(devices[0].dram, undefined);
    }
  });

  it('count where the containers of a pod share them and one of these holds the chip', () => {
    const shared = privateRegion(N150_ID, [A, B], 5);
    const { devices } = join([N150], [shared], {
      processes: [inContainer(100, A), inContainer(200, B)],
      devices: { 0: [200] },
      held: [{ file: shared.file, pids: [200] }],
    });
    assert.deepEqual([devices[0]?.dram, devices[0]?.pids], [5, ['200: 5']]);
  });

  it('are of nobody where two containers share them and see themselves under one PID', () => {
    const shared = privateRegion(N150_ID, [A, B], 5);
    const { devices, processes } = join([N150], [shared], {
      processes: [inContainer(100, A), inContainer(200, B), hostProcess(1)],
      devices: { 0: [100, 200, 1] },
      held: [{ file: shared.file, pids: [100, 200] }],
    });
    assert.deepEqual(devices[0]?.pids, ['?1: 5']);
    assert.equal(processes.find(({ pid }) => pid === '?1')?.alive, undefined);
  });

  it('of the host count as they always did', () => {
    const own = region(N150_ID, { dram: 5 }, [slot(60, { dram: 5 })]);
    const { devices, errors } = join([N150], [own], {});
    assert.deepEqual([devices[0]?.dram, devices[0]?.regions, errors], [5, ['1 unverifiable'], []]);
  });
});

describe('a number that no card explains', () => {
  it('makes no device by a claim alone', () => {
    const claims = [0xa1n, 0xa2n, 0xa3n].map((id) => privateRegion(id, [A], 5));
    const { devices, errors } = join(GALAXY, claims, { processes: [inContainer(100, A)], devices: { 0: [100] } });
    assert.deepEqual(
      devices.map(({ label }) => label),
      ['0', '1', '2'],
    );
    assert.deepEqual(reasons(errors), [
      'shared_memory untrusted',
      'shared_memory untrusted',
      'shared_memory untrusted',
    ]);
  });

  it('is believed of whoever holds every card that it may be', () => {
    const parts = { processes: [inContainer(100, A)], devices: { 0: [100], 1: [100], 2: [100] } };
    const labels = (regions: readonly RegionReading[], cards = GALAXY) =>
      join(cards, regions, parts).devices.flatMap(({ label, dram }) =>
        dram === undefined ? [] : [`${label} ${dram}`],
      );
    const claims = [0xa1n, 0xa2n, 0xa3n, 0xa4n].map((id) => privateRegion(id, [A], 5));
    const hex = (digit: number) => `0x00000000000000a${digit} 5`;
    assert.deepEqual(labels(claims.slice(0, 3)), [hex(1), hex(2), hex(3)]);
    // More chips than there are.
    assert.deepEqual(labels(claims), []);
    assert.deepEqual(labels(claims.slice(0, 1), [...GALAXY, card({ index: 3 })]), []);
    assert.deepEqual(labels(claims.slice(0, 1), []), []);
  });

  it('is one chip in all containers, whose bytes add up', () => {
    const parts = {
      processes: [inContainer(100, A), inContainer(200, B)],
      devices: { 0: [100, 200], 1: [100, 200], 2: [100, 200] },
    };
    const { devices } = join(GALAXY, [privateRegion(0xa1n, [A], 5), privateRegion(0xa1n, [B], 7)], parts);
    assert.deepEqual(devices.find(({ label }) => label === '0x00000000000000a1')?.dram, 12);
  });

  it('is the card that its holder holds alone, for this tenant', () => {
    const [one, two] = [privateRegion(0xa1n, [A], 5), privateRegion(0xa1n, [B], 7)];
    const held = [
      { file: one.file, pids: [100] },
      { file: two.file, pids: [200] },
    ];
    // Another tenant's word for the same number moves nothing here.
    const { devices } = join(GALAXY, [one, two], {
      processes: [inContainer(100, A), inContainer(200, B)],
      devices: { 0: [100], 2: [200] },
      held,
    });
    assert.deepEqual(
      devices.map(({ label, dram }) => [label, dram]),
      [
        ['0', 5],
        ['1', undefined],
        ['2', 7],
      ],
    );
  });

  it('is what other tenants show it to be where this one holds that card too', () => {
    const [one, two] = [privateRegion(0xa1n, [A], 5), privateRegion(0xa1n, [B], 7)];
    const held = [{ file: one.file, pids: [100] }];
    const processes = [inContainer(100, A), inContainer(200, B)];
    const shared = join(GALAXY, [one, two], { processes, devices: { 0: [100, 200], 1: [200] }, held });
    assert.deepEqual(shared.devices[0]?.dram, 12);
    const apart = join(GALAXY, [one, two], { processes, devices: { 0: [100], 1: [200], 2: [200] }, held });
    assert.deepEqual([apart.devices[0]?.dram, reasons(apart.errors)], [5, ['shared_memory untrusted']]);
  });

  it('of the host is never moved by what a tenant shows', () => {
    const own = region(0xa1n, { dram: 3 }, [slot(60, { dram: 3 })]);
    const forged = privateRegion(0xa1n, [A], 5000);
    const { devices } = join(GALAXY, [own, forged], {
      processes: [hostProcess(60), inContainer(100, A)],
      devices: { 0: [60], 2: [100] },
      held: [
        { file: own.file, pids: [60] },
        { file: forged.file, pids: [100] },
      ],
    });
    assert.deepEqual(
      devices.map(({ label, dram, regions }) => [label, dram, regions]),
      [
        ['0', 3, ['1 live', '1 untrusted']],
        ['1', undefined, []],
        ['2', undefined, []],
      ],
    );
  });

  it('is named in the log only so often where it is not believed', () => {
    const claims = Array.from({ length: 40 }, (_, index) => privateRegion(BigInt(1000 + index), [A], 5));
    const { errors } = join(GALAXY, claims, {});
    assert.deepEqual([errors.length, errors.at(-1)?.message], [17, '24 more regions are not believed']);
  });
});
