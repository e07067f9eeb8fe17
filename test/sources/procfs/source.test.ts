import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInlineLaneReader } from '../../../src/io/inline-lane-reader.ts';
import { Deadline } from '../../../src/collect/deadline.ts';
import { createProcfsSource } from '../../../src/sources/procfs/source.ts';
import { ownCapabilities, missingRights } from '../../../src/sources/procfs/rights.ts';
import { fakeProc, plainProcess, readSource, runSource, temporaryFolder } from './proc-fixture.ts';
import { syncLanes } from './sync-lanes.ts';

const VIEW = { real: false, initial: true, nested: false, ownPid: process.pid };
/** Whatever this test may do. */
const OWN_RIGHTS = missingRights({ view: VIEW, invisibleHolders: false, ...ownCapabilities() });

function sourceOf(path: string, blocked?: ReadonlySet<string>) {
  return createProcfsSource({ path, lanes: syncLanes(blocked) });
}

test('a root that does not exist, or is a file, is no data', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'none'), join(folder, 'file/below')]) {
    const { outcome, data, errors } = await runSource(sourceOf(path));
    assert.deepEqual({ outcome, data, errors }, { outcome: 'no_data', data: undefined, errors: [] });
  }
});

test('a host without the driver has no holders, which is a reading', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 10, descriptors: { 0: '/dev/null' } });
  proc.putDriver(undefined);
  const { outcome, data, errors } = await runSource(sourceOf(proc.root));
  assert.deepEqual(
    { outcome, data, errors },
    {
      outcome: 'ok',
      data: {
        processes: new Map(),
        devices: new Map(),
        allDevices: false,
        files: new Map(),
        missingRights: OWN_RIGHTS,
      },
      errors: [],
    },
  );
});

test('holders of devices are counted, and told who they are where they still exist', async (t) => {
  const proc = fakeProc(t);
  const cgroup = '0::/system.slice/slurmstepd.scope/job_31/step_0\n';
  proc.put({
    pid: 4242,
    comm: 'py) R (thon\n',
    namespacePids: [4242, 7],
    parentPid: 17,
    startTicks: 12345,
    uid: 0,
    cgroup,
  });
  proc.put({ pid: 17 });
  proc.put({ pid: 18, comm: 'bystander' });
  proc.put({ pid: 19, state: 'Z' });
  proc.putDevice(0, [4242, 4242, 17, 999]);
  proc.putDevice(12, [19]);
  proc.putDevice(3, []);
  const reading = await readSource(sourceOf(proc.root));
  assert.deepEqual(reading, {
    processes: new Map([
      [
        4242,
        plainProcess(4242, {
          comm: 'py) R (thon\uFFFD',
          parentPid: 17,
          namespacePids: [4242, 7],
          uid: 0,
          startTimeSeconds: 1_700_000_123.45,
          cgroup: { unit: 'slurmstepd.scope', containerId: undefined, podUid: undefined, slurmJobId: '31' },
        }),
      ],
      [17, plainProcess(17)],
    ]),
    devices: new Map([
      [
        0,
        {
          descriptors: 4,
          invisible: 0,
          byPid: new Map([
            [4242, 2],
            [17, 1],
            [999, 1],
          ]),
        },
      ],
      [3, { descriptors: 0, invisible: 0, byPid: new Map() }],
      [12, { descriptors: 1, invisible: 0, byPid: new Map([[19, 1]]) }],
    ]),
    allDevices: false,
    files: new Map(),
    missingRights: OWN_RIGHTS,
  });
});

test('zeros among the PIDs say that the host PID namespace is missing', async (t) => {
  const proc = fakeProc(t);
  proc.putDevice(0, [0, 0]);
  const { devices, missingRights: missing } = await readSource(sourceOf(proc.root));
  assert.deepEqual(devices.get(0), { descriptors: 2, invisible: 2, byPid: new Map() });
  assert.deepEqual(missing, ['host_pid_namespace', ...OWN_RIGHTS]);
});

test('a broken list costs its own device and is named', async (t) => {
  const proc = fakeProc(t);
  proc.putDevice(0, []);
  proc.putDeviceText(1, 'nonsense\n');
  proc.putDeviceText(2, '12345\n'.repeat(20_000));
  mkdirSync(join(proc.root, 'driver/tenstorrent/3/pids'), { recursive: true });
  mkdirSync(join(proc.root, 'driver/tenstorrent/4'), { recursive: true });
  const { outcome, data, errors } = await runSource(sourceOf(proc.root));
  const folder = join(proc.root, 'driver/tenstorrent');
  assert.equal(outcome, 'ok');
  assert.deepEqual([...(data?.devices.keys() ?? [])], [0]);
  assert.deepEqual(errors, [
    { reason: 'malformed', message: `${folder}/1/pids: a line is not a PID; is this the driver's file?` },
    { reason: 'too_long', message: `${folder}/2/pids: longer than 65536 bytes, not counted` },
    { reason: 'unreadable', message: `${folder}/3/pids: EISDIR` },
  ]);
});

test('a device whose driver does not answer costs only itself, and what is there can be taken before the end', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 10 });
  proc.putDevice(0, [10]);
  proc.putDevice(1, [10]);
  const deadline = Deadline.after(300);
  const run = sourceOf(proc.root, new Set(['procfs/pids/1'])).start({ deadline, wantedFiles: Promise.resolve([]) });
  assert.deepEqual(
    { ...run.state(), durationSeconds: 0 },
    { outcome: undefined, data: undefined, errors: [], durationSeconds: 0 },
  );
  await new Promise(setImmediate);
  const early = run.state();
  assert.equal(early.outcome, undefined);
  assert.deepEqual([...(early.data?.devices.keys() ?? [])], [0]);
  assert.deepEqual(early.data?.processes, new Map([[10, plainProcess(10)]]));
  await run.done;
  const late = run.state();
  assert.deepEqual([...(late.data?.devices.keys() ?? [])], [0]);
  assert.deepEqual(
    late.errors.map(({ reason }) => reason),
    ['blocked'],
  );
  deadline.dispose();
});

test('the holders of a device that goes and comes back at the same number are the new ones', async (t) => {
  const proc = fakeProc(t);
  const lanes = createInlineLaneReader();
  t.after(() => lanes.close());
  const source = createProcfsSource({ path: proc.root, lanes });
  const counts = async () => [...(await readSource(source)).devices].map(([n, { descriptors }]) => [n, descriptors]);
  proc.putDevice(0, [10]);
  assert.deepEqual([await counts(), await counts()], [[[0, 1]], [[0, 1]]]);
  proc.removeDevice(0);
  assert.deepEqual(await counts(), []);
  proc.putDevice(0, [10, 10, 11]);
  assert.deepEqual(await counts(), [[0, 3]]);
});

test('without lists of the driver, devices are found by the descriptors of processes', async (t) => {
  const proc = fakeProc(t);
  proc.putDriver(1);
  // /dev/zero is 1:5: under any name it is device 5 of a driver with major number 1.
  proc.put({ pid: 10, descriptors: { 0: '/dev/null', 3: '/dev/zero', 4: '/dev/full', 5: '/dev/full', 6: 'pipe:[7]' } });
  proc.put({ pid: 11, descriptors: { 8: '/dev/tenstorrent/12', 9: '/dev/tenstorrent/12', 10: '/dev/tenstorrent/x' } });
  proc.put({ pid: 12, descriptors: { 8: '/elsewhere/dev/full', 9: '/dev/tty', 10: '/dev/ptmx' } });
  proc.put({ pid: 13, state: 'Z', threads: 2, threadDescriptors: { 14: { 3: '/dev/tenstorrent/0' } } });
  const { processes, devices } = await readSource(sourceOf(proc.root));
  assert.deepEqual(
    devices,
    new Map([
      [7, { descriptors: 2, invisible: 0, byPid: new Map([[10, 2]]) }],
      [12, { descriptors: 2, invisible: 0, byPid: new Map([[11, 2]]) }],
      [0, { descriptors: 1, invisible: 0, byPid: new Map([[13, 1]]) }],
    ]),
  );
  assert.deepEqual([...processes.keys()], [10, 11, 13]);
});

test('where no major number is known, only names of devices count', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 10, descriptors: { 3: '/dev/full', 4: '/dev/tenstorrent/3' } });
  const { devices } = await readSource(sourceOf(proc.root));
  assert.deepEqual(devices, new Map([[3, { descriptors: 1, invisible: 0, byPid: new Map([[10, 1]]) }]]));
});

test('devices found by descriptors do not wait for regions that never come', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 10, descriptors: { 4: '/dev/tenstorrent/3' } });
  const deadline = Deadline.after(200);
  const run = sourceOf(proc.root).start({ deadline, wantedFiles: new Promise(() => undefined) });
  await run.done;
  deadline.dispose();
  const { outcome, data, errors } = run.state();
  assert.deepEqual([outcome, [...(data?.devices.keys() ?? [])]], ['failed', [3]]);
  assert.deepEqual(
    errors.map(({ reason }) => reason),
    ['deadline'],
  );
});

test('a process is described anew in each run, and a PID that has a new owner is the new one', async (t) => {
  const proc = fakeProc(t);
  const source = sourceOf(proc.root);
  proc.putDevice(0, [10]);
  proc.put({ pid: 10, cgroup: '0::/system.slice/a.service\n' });
  assert.equal((await readSource(source)).processes.get(10)?.cgroup.unit, 'a.service');
  // Same process: its cgroup is not read again so soon, its name is.
  proc.put({ pid: 10, comm: 'renamed', cgroup: '0::/system.slice/b.service\n' });
  const again = (await readSource(source)).processes.get(10);
  assert.deepEqual([again?.comm, again?.cgroup.unit], ['renamed', 'a.service']);
  proc.put({ pid: 10, startTicks: 6000, cgroup: '0::/system.slice/b.service\n' });
  assert.equal((await readSource(source)).processes.get(10)?.cgroup.unit, 'b.service');
  proc.remove(10);
  assert.deepEqual((await readSource(source)).processes, new Map());
  // Forgotten meanwhile: everything is read again, even of what looks like the same process.
  proc.put({ pid: 10, startTicks: 6000, cgroup: '0::/system.slice/c.service\n' });
  assert.equal((await readSource(source)).processes.get(10)?.cgroup.unit, 'c.service');
});

test('a process without a readable stat or with half of its files is told as far as it goes', async (t) => {
  const proc = fakeProc(t);
  proc.putDevice(0, [10, 11, 12]);
  proc.put({ pid: 10 });
  proc.put({ pid: 11 });
  proc.put({ pid: 12 });
  rmSync(join(proc.root, '10/cgroup'));
  rmSync(join(proc.root, '11/status'));
  writeFileSync(join(proc.root, '12/stat'), '12 (half');
  rmSync(join(proc.root, 'stat'));
  const { processes } = await readSource(sourceOf(proc.root));
  assert.deepEqual(
    processes,
    new Map([
      [10, plainProcess(10, { startTimeSeconds: undefined })],
      [11, plainProcess(11, { startTimeSeconds: undefined, namespacePids: [], uid: undefined })],
    ]),
  );
});
