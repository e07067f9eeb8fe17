import assert from 'node:assert/strict';
import { mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { listsOpenersPids } from '../../../src/sources/procfs/opener-pids.ts';
import { createProcfsSource } from '../../../src/sources/procfs/source.ts';
import type { FakeProc } from '../../../src/simulator/fake-proc.ts';
import type { HolderProcess } from '../../../src/sources/source.ts';
import { fakeProc, plainProcess, readSource, temporaryFolder } from './proc-fixture.ts';
import { syncLanes } from './sync-lanes.ts';

/** What is told before any wanted file is known. */
async function toldBy(root: string, blocked?: ReadonlySet<string>): Promise<readonly HolderProcess[]> {
  const source = createProcfsSource({ path: root, lanes: syncLanes(blocked) });
  const deadline = Deadline.after(10_000);
  const wanted = Promise.withResolvers<[]>();
  const told = await new Promise<readonly HolderProcess[]>((resolve) => {
    const run = source.start({ deadline, wantedFiles: wanted.promise, tellDeviceHolders: resolve });
    void run.done;
  });
  wanted.resolve([]);
  deadline.dispose();
  return told;
}

function putMountNamespace(proc: FakeProc, pid: number, text: string): void {
  mkdirSync(join(proc.root, `${pid}/ns`));
  symlinkSync(text, join(proc.root, `${pid}/ns/mnt`));
}

test('who holds a device is told before the wanted files are known, with the mount namespace', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 10, startTicks: 7 });
  proc.put({ pid: 11 });
  proc.put({ pid: 12 });
  putMountNamespace(proc, 10, 'mnt:[4026532001]');
  putMountNamespace(proc, 11, 'net:[4026532002]');
  proc.putDevice(0, [10, 999]);
  proc.putDevice(1, [10, 11, 0]);
  assert.deepEqual(await toldBy(proc.root), [
    { path: `${proc.root}/10`, pid: 10, startTicks: 7, mountNamespace: 4026532001 },
    { path: `${proc.root}/11`, pid: 11, startTicks: 5000, mountNamespace: undefined },
  ]);
  const { processes } = await readSource(createProcfsSource({ path: proc.root, lanes: syncLanes() }));
  assert.deepEqual(
    processes.get(10),
    plainProcess(10, { mountNamespace: 4026532001, startTimeSeconds: 1_700_000_000.07 }),
  );
});

test('the namespace of a real process is the one that the kernel names', async (t) => {
  const proc = fakeProc(t);
  proc.link(process.pid);
  proc.putDevice(0, [process.pid]);
  const [told] = await toldBy(proc.root);
  assert.equal(`mnt:[${told?.mountNamespace}]`, readlinkSync('/proc/self/ns/mnt'));
});

test('holders that are found by descriptors are told too', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 10, descriptors: { 4: '/dev/tenstorrent/3' } });
  proc.put({ pid: 11 });
  assert.deepEqual(await toldBy(proc.root), [
    { path: `${proc.root}/10`, pid: 10, startTicks: 5000, mountNamespace: undefined },
  ]);
});

test('a driver that does not answer for one device keeps nobody waiting for the others', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 10 });
  proc.putDevice(0, [10]);
  proc.putDevice(1, [10]);
  const from = performance.now();
  const told = await toldBy(proc.root, new Set(['procfs/pids/1']));
  assert.deepEqual(
    told.map(({ pid }) => pid),
    [10],
  );
  assert.ok(performance.now() - from < 2000);
});

test('drivers 2.5 and 2.6 list the PIDs of the openers', () => {
  const versions = ['2.4.0', '2.5.0', '2.6.0', '2.6.1-rc1', '2.7.0-pre', '2.7.0', '2.10.0', '3.0.0', 'x', undefined];
  assert.deepEqual(versions.filter(listsOpenersPids), ['2.4.0', '2.5.0', '2.6.0', '2.6.1-rc1']);
});

function sysfsOf(t: TestContext, version: string): string {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'module/tenstorrent'), { recursive: true });
  writeFileSync(join(root, 'module/tenstorrent/version'), `${version}\n`);
  return root;
}

test('of a driver that lists openers only those count that have the device open, and no right is missing', async (t) => {
  const proc = fakeProc(t);
  proc.putDriver(236);
  // The host's process 1 is listed for a container's process 1, and 20 for itself and a container's 20.
  proc.put({ pid: 1 });
  proc.put({ pid: 20, descriptors: { 3: '/dev/tenstorrent/0', 4: '/dev/tenstorrent/1' } });
  proc.putDevice(0, [1, 1, 20, 20, 999]);
  proc.putDevice(1, [20]);
  const read = async (version: string) => {
    const source = createProcfsSource({ path: proc.root, sysfsPath: sysfsOf(t, version), lanes: syncLanes() });
    const { devices, processes, missingRights } = await readSource(source);
    return [devices, [...processes.keys()], missingRights.includes('host_pid_namespace')];
  };
  const listed = (descriptors: number, invisible: number, ...byPid: [number, number][]) => ({
    descriptors,
    invisible,
    byPid: new Map(byPid),
  });
  for (const version of ['2.5.0', '2.6.3']) {
    const devices = new Map([
      [0, listed(5, 4, [20, 1])],
      [1, listed(1, 0, [20, 1])],
    ]);
    assert.deepEqual(await read(version), [devices, [20], false]);
  }
  const believed = new Map([
    [0, listed(5, 0, [1, 2], [20, 2], [999, 1])],
    [1, listed(1, 0, [20, 1])],
  ]);
  assert.deepEqual(await read('2.7.0'), [believed, [1, 20], false]);
});

test('a process whose descriptors may not be seen is not believed to be the opener', async (t) => {
  const proc = fakeProc(t);
  proc.putDriver(236);
  proc.put({ pid: 20 });
  rmSync(join(proc.root, '20/fd'), { recursive: true });
  writeFileSync(join(proc.root, '20/fd'), '');
  proc.putDevice(0, [20]);
  const source = createProcfsSource({ path: proc.root, sysfsPath: sysfsOf(t, '2.6.0'), lanes: syncLanes() });
  assert.deepEqual((await readSource(source)).devices.get(0), { descriptors: 1, invisible: 1, byPid: new Map() });
});

test('no more than 1,000 different names of processes are told', async (t) => {
  const proc = fakeProc(t);
  const pids = Array.from({ length: 1003 }, (_, index) => 1000 + index);
  for (const pid of pids) proc.put({ pid, comm: pid === 2002 ? 'n1000' : `n${pid}` });
  proc.putDevice(0, pids);
  const { processes } = await readSource(createProcfsSource({ path: proc.root, lanes: syncLanes() }));
  const comms = [...processes.values()].map(({ comm }) => comm);
  assert.deepEqual([comms.length, new Set(comms).size], [1003, 1001]);
  assert.deepEqual(comms.slice(998), ['n1998', 'n1999', '', '', 'n1000']);
});
