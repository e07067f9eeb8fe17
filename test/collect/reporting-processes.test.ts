import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { ReportingProcesses } from '../../src/collect/reporting-processes.ts';
import type { AllocationServerReading } from '../../src/sources/allocation-server/types.ts';
import { procfs, server, serverDevice, serverProcess } from '../support/readings.ts';
import { fakeProc } from '../sources/procfs/proc-fixture.ts';

const BOOT = 1_700_000_000;
const START = BOOT + 5;

/** A server to which these report device 0, with their starts. */
function reportingTo(processes: Readonly<Record<number, number | undefined>>): AllocationServerReading {
  const reporting = Object.entries(processes).map(([pid, startTimeSeconds]) =>
    serverProcess(Number(pid), { dram: 1 }, { startTimeSeconds }),
  );
  return server([serverDevice(0, { dram: 1 }, { processes: reporting })]);
}

const soon = (): number => performance.now() + 10_000;

function host(t: TestContext, ...pids: number[]) {
  const proc = fakeProc(t);
  for (const pid of pids)
    proc.put({ pid, comm: `job-${pid}`, startTicks: 500, cgroup: '0::/system.slice/train.service\n' });
  return { proc, found: new ReportingProcesses(proc.root) };
}

describe('who reports to the server and is in no list of holders', () => {
  it('is found by his PID and his start', async (t) => {
    const { found } = host(t, 7, 8);
    const { processes } = await found.addTo(procfs({}), reportingTo({ 7: START, 8: START + 60 }), soon());
    assert.deepEqual([...processes.keys()], [7]);
    const { comm, cgroup, startTimeSeconds } = processes.get(7) ?? {};
    assert.deepEqual([comm, cgroup?.unit, startTimeSeconds], ['job-7', 'train.service', START]);
  });

  it('is not told of where he has gone, or the server has not proven who he is', async (t) => {
    const { proc, found } = host(t, 7, 8);
    proc.put({ pid: 9, state: 'Z', startTicks: 500 });
    const reading = procfs({});
    const none = await found.addTo(reading, reportingTo({ 6: START, 8: undefined, 9: START }), soon());
    assert.deepEqual([...none.processes.keys()], []);
  });

  it('is looked at anew in each collection', async (t) => {
    const { proc, found } = host(t, 7);
    const pids = async (): Promise<number[]> => {
      found.begin();
      return [...(await found.addTo(procfs({}), reportingTo({ 7: START }), soon())).processes.keys()];
    };
    assert.deepEqual(await pids(), [7]);
    proc.remove(7);
    assert.deepEqual(await pids(), []);
    proc.put({ pid: 7, startTicks: 9000 });
    assert.deepEqual(await pids(), []);
  });

  it('costs nothing where the lists have everybody', async (t) => {
    const { proc, found } = host(t, 7);
    const first = await found.addTo(procfs({}), reportingTo({ 7: START }), soon());
    proc.remove(7);
    assert.equal(await found.addTo(first, reportingTo({ 7: START }), soon()), first);
  });

  it('is not looked for when there is no time left, nor without end', async (t) => {
    const { found } = host(t, 1, 2, 5000);
    const late = await found.addTo(procfs({}), reportingTo({ 1: START }), performance.now() - 1);
    assert.equal(late.processes.size, 0);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [at + 1, START]));
    const { processes } = await found.addTo(procfs({}), reportingTo(many), soon());
    assert.deepEqual([...processes.keys()], [1, 2]);
  });
});
