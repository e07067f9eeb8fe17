import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { TrackedProcess } from '../../src/join/tracked-chip.ts';
import { sumByWorkload, workloadOf } from '../../src/join/workload.ts';
import { MEMORY_TYPES, addMemory, noMemory } from '../../src/snapshot/memory-types.ts';
import type { MemoryBytes } from '../../src/snapshot/memory-types.ts';
import type { ProcessGroup } from '../../src/sources/procfs/types.ts';
import { hostProcess, memory, procfs } from '../support/readings.ts';

const NOTHING: ProcessGroup = { unit: undefined, containerId: undefined, podUid: undefined, slurmJobId: undefined };
const EVERYTHING: ProcessGroup = { unit: 'a.service', containerId: 'c0ffee', podUid: 'b2ba', slurmJobId: '77' };

function tracked(hostPid: number | undefined, bytes: Partial<MemoryBytes>, gone = false): TrackedProcess {
  return { hostPid, reportedPid: hostPid ?? 1, name: '', gone, bytes: memory(bytes), detail: undefined };
}

describe('the workload of a process', () => {
  it('is one: its pod, else its Slurm job, its container, its unit', () => {
    const without = (...parts: readonly (keyof ProcessGroup)[]) =>
      workloadOf({ ...EVERYTHING, ...Object.fromEntries(parts.map((part) => [part, undefined])) });
    assert.deepEqual(without(), { kind: 'pod', name: 'b2ba' });
    assert.deepEqual(without('podUid'), { kind: 'slurm_job', name: '77' });
    assert.deepEqual(without('podUid', 'slurmJobId'), { kind: 'container', name: 'c0ffee' });
    assert.deepEqual(without('podUid', 'slurmJobId', 'containerId'), { kind: 'unit', name: 'a.service' });
    assert.deepEqual(workloadOf(NOTHING), { kind: 'none', name: '' });
  });
});

describe('sums by workload', () => {
  const host = procfs({
    processes: [
      hostProcess(1, { cgroup: { ...NOTHING, podUid: 'x' } }),
      hostProcess(2, { cgroup: { ...NOTHING, podUid: 'x' } }),
      hostProcess(3, { cgroup: { ...NOTHING, unit: 'x' } }),
      hostProcess(4),
    ],
  });

  it('put processes of one workload together, and a type that none of them knows stays unknown', () => {
    const processes = [tracked(1, { dram: 1 }), tracked(3, { l1: 4 }), tracked(2, { dram: 2, trace: 0 })];
    assert.deepEqual(sumByWorkload(processes, host), [
      { kind: 'pod', workload: 'x', bytes: memory({ dram: 3, trace: 0 }) },
      { kind: 'unit', workload: 'x', bytes: memory({ l1: 4 }) },
    ]);
  });

  it('count for none what is gone, unproven, unknown to procfs, or in no group', () => {
    const processes = [tracked(1, { dram: 1 }, true), tracked(undefined, { dram: 2 }), tracked(9, { dram: 4 })];
    assert.deepEqual(sumByWorkload([...processes, tracked(4, { dram: 8 })], host), [
      { kind: 'none', workload: '', bytes: memory({ dram: 15 }) },
    ]);
    assert.deepEqual(sumByWorkload([tracked(1, { dram: 1 })], undefined), [
      { kind: 'none', workload: '', bytes: memory({ dram: 1 }) },
    ]);
  });

  it('have every byte of every process once, whatever the processes are', () => {
    const bytes = fc.record(
      Object.fromEntries(
        MEMORY_TYPES.map((type) => [
          type,
          fc.option(
            fc.maxSafeNat().map((n) => n % 2 ** 46),
            { nil: undefined },
          ),
        ]),
      ),
    );
    const process = fc
      .tuple(fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }), bytes, fc.boolean())
      .map((parts) => tracked(...parts));
    fc.assert(
      fc.property(fc.array(process, { maxLength: 40 }), (processes) => {
        const expected = noMemory();
        for (const one of processes) addMemory(expected, one.bytes);
        const workloads = sumByWorkload(processes, host);
        const actual = noMemory();
        for (const workload of workloads) addMemory(actual, workload.bytes);
        assert.deepEqual(actual, expected);
        const keys = workloads.map(({ kind, workload }) => `${kind} ${workload}`);
        assert.deepEqual(keys, [...new Set(keys)]);
      }),
    );
  });
});
