import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { joinSnapshot } from '../../src/join/snapshot.ts';
import type { ProcfsReading } from '../../src/sources/procfs/types.ts';
import type { RegionReading } from '../../src/sources/shared-memory/types.ts';
import { card, hostProcess, procfs, region, slot } from '../support/readings.ts';
import { joinInputs } from '../support/join-inputs.ts';

const ID = 72059269368820857n;
const CARD = card({ index: 0, arch: 'wormhole', board: 'n150', serial: ID, driverIndex: 0 });
const PIDS = [11, 12, 13];

const bytes = fc.record({ dram: fc.nat({ max: 3 }), l1: fc.nat({ max: 3 }) });
/** Small choices, so that much of one reading is often that of another. */
const anySlot = fc.record({ pid: fc.constantFrom(...PIDS, -1), bytes, lastUpdateSeconds: fc.constantFrom(400, 1000) });
const anyRegion = fc
  .record({ slots: fc.array(anySlot, { maxLength: 3 }), version: fc.constantFrom(3, 4) })
  .map(({ slots, version }) => {
    const own = slots.map((one) => slot(one.pid, one.bytes, { lastUpdateSeconds: one.lastUpdateSeconds }));
    return region(ID, { dram: 9, l1: 9 }, own, { version });
  });
const anyProcess = fc.record({
  pid: fc.constantFrom(...PIDS, 77, 88, 89),
  parentPid: fc.constantFrom(1, 11),
  startTimeSeconds: fc.constantFrom(500, 900, undefined),
  own: fc.constantFrom(undefined, ...PIDS),
  unit: fc.constantFrom('a.service', undefined),
  isHolder: fc.constantFrom(true, true, false),
  hasDevice: fc.boolean(),
});
type AnyProcess = typeof anyProcess extends fc.Arbitrary<infer T> ? T : never;
const anyProcfs = fc.record({
  processes: fc.uniqueArray(anyProcess, { minLength: 1, maxLength: 4, selector: ({ pid }) => pid }),
  cleared: fc.constantFrom(undefined, undefined, undefined, [], [12]),
});
type AnyProcfs = typeof anyProcfs extends fc.Arbitrary<infer T> ? T : never;

/** One thing about one process is another. */
const anyChange = fc.tuple(
  fc.nat({ max: 3 }),
  fc.oneof(
    fc.record({ parentPid: fc.constantFrom(1 as const, 11 as const) }),
    fc.record({ startTimeSeconds: fc.constantFrom(500, 900, undefined) }),
    fc.record({ own: fc.constantFrom(undefined, ...PIDS) }),
    fc.record({ pid: fc.constantFrom(88 as const, 89 as const) }),
    fc.record({ isHolder: fc.boolean() }),
    fc.record({ unit: fc.constantFrom('a.service', undefined) }),
    fc.record({ hasDevice: fc.boolean() }),
  ),
);

/** A host, and what becomes of it. */
const anyHistory = fc.tuple(anyProcfs, fc.array(anyChange, { minLength: 1, maxLength: 6 })).map(([first, changes]) => {
  const history = [first];
  for (const [at, change] of changes) {
    const { processes, cleared } = history.at(-1) ?? first;
    const next = processes.map((one, index): AnyProcess =>
      index === at % processes.length ? { ...one, ...change } : one,
    );
    history.push({ processes: next, cleared });
  }
  return history;
});

function procfsOf({ processes, cleared }: AnyProcfs, { file }: ReturnType<typeof region>): ProcfsReading {
  const pids = processes.filter(({ isHolder }) => isHolder).map(({ pid }) => pid);
  return procfs({
    processes: processes.map(({ pid, parentPid, startTimeSeconds, own, unit }) =>
      hostProcess(pid, {
        parentPid,
        startTimeSeconds,
        namespacePids: own === undefined ? [] : [pid, own],
        cgroup: { unit, containerId: undefined, podUid: undefined, slurmJobId: undefined },
      }),
    ),
    devices: { 0: processes.filter(({ hasDevice }) => hasDevice).map(({ pid }) => pid) },
    held: [cleared === undefined ? { file, pids } : { file, pids, cleared }],
  });
}

function join(reading: RegionReading, host: ProcfsReading): unknown {
  return joinSnapshot(
    joinInputs({
      sysfs: { driverVersion: '2.10.0', cards: [CARD] },
      procfs: host,
      sharedMemory: { regions: [reading] },
    }),
  );
}

describe('a region that nobody has written to since', () => {
  it('is joined with the processes of now as if it had never been seen before', () => {
    fc.assert(
      fc.property(anyRegion, anyHistory, (reading, hosts) => {
        for (const host of hosts) {
          const now = procfsOf(host, reading);
          assert.deepEqual(join(reading, now), join(structuredClone(reading), now));
        }
      }),
      { numRuns: 3000 },
    );
  });
});
