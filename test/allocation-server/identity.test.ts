import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { eventually } from '../support/eventually.ts';
import { startApplication } from './support/application.ts';
import type { Application } from './support/application.ts';
import { snapshot, totals } from './support/ask.ts';
import { buildNative } from './support/built.ts';
import { startServer } from './support/start-server.ts';

before(() => {
  buildNative();
});

const IN_NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** PIDs by device 0's processes, without what differs from run to run. */
async function processes(path: string) {
  const [device] = (await snapshot(path)).devices;
  return (device?.processes ?? []).map(({ pid, hostPid, liveBuffers }) => ({ pid, hostPid, dram: liveBuffers.dram }));
}

async function end(application: Application): Promise<void> {
  application.proceed();
  await application.ended;
}

test("a process's claim is proven by the kernel, and what it held is given back when it is killed", async () => {
  const server = await startServer();
  const application = await startApplication(server.path, { messages: 5, letters: 'h' });
  await application.sent();
  await eventually('5 buffers', async () => (await totals(server.path)).dram === 5000);
  assert.deepEqual(await processes(server.path), [{ pid: application.pid, hostPid: application.pid, dram: 5 }]);
  application.kill();
  await application.ended;
  const killedAt = performance.now();
  await eventually('its end', async () => (await totals(server.path)).dram === 0);
  assert.ok(performance.now() - killedAt < 1000);
  const { endedProcesses, server: counters } = await snapshot(server.path);
  assert.deepEqual(
    endedProcesses.map(({ pid, hostPid, comm, devices }) => ({ pid, hostPid, comm, devices })),
    [
      {
        pid: application.pid,
        hostPid: application.pid,
        comm: 'application',
        devices: [{ id: 0, peakBytes: { dram: 5000 }, heldBytes: { dram: 5000 } }],
      },
    ],
  );
  assert.equal(counters.reclaimedBytes, 5000);
  await server.stop();
});

test("a claim to be somebody else's PID is refused and counted", async () => {
  const server = await startServer();
  const liar = await connectReporter(server.path, 'C');
  const buffer = { device: 0, id: 1n, size: 7, type: 'DRAM' } as const;
  for (const pid of [process.ppid, 1, 0, -5]) liar.alloc({ ...buffer, pid });
  liar.free({ pid: process.ppid, device: 0, id: 1n });
  liar.alloc({ ...buffer, pid: process.pid });
  await liar.flush();
  await eventually('the true one', async () => (await totals(server.path)).dram === 7);
  // Those who may have the connection by fork() are looked for first.
  const rejected = async () => (await snapshot(server.path)).server.rejectedMessages;
  await eventually('the refusals', async () => (await rejected())['foreign_pid'] === 3);
  assert.deepEqual(await rejected(), { foreign_pid: 3, impossible_pid: 2 });
  await liar.close();
  await server.stop();
});

test('a child that reports over the connection of its parent has its own bytes, and keeps them when the parent has ended', async () => {
  const server = await startServer();
  const parent = await startApplication(server.path, { messages: 3, letters: 'fh' });
  await parent.sent();
  const [child] = await eventually('the child', async () => {
    const found = await processes(server.path);
    return found.length === 1 && found;
  });
  assert.equal(child?.pid, child?.hostPid);
  assert.notEqual(child?.pid, parent.pid);
  await end(parent);
  await eventually('its end', async () => (await totals(server.path)).dram === 0);

  const gone = await startApplication(server.path, { messages: 20, pauseMicroseconds: 100_000, letters: 'o' });
  await gone.ended;
  const orphan = await eventually('the orphan', async () => {
    const [found] = await processes(server.path);
    return (found?.dram ?? 0) > 10 && found;
  });
  assert.equal(orphan.pid, orphan.hostPid);
  assert.notEqual(orphan.pid, gone.pid);
  await eventually('its end', async () => (await totals(server.path)).dram === 0);
  await server.stop();
});

test('processes of PID namespaces are told apart by the PIDs that the host has for them', async () => {
  const server = await startServer();
  const options = { messages: 2, letters: 'h', wrapper: IN_NAMESPACE };
  const first = await startApplication(server.path, options);
  const second = await startApplication(server.path, options);
  const forked = await startApplication(server.path, { ...options, messages: 3, letters: 'fh' });
  assert.deepEqual([first.ownPid, second.ownPid, forked.ownPid], [1, 1, 1]);
  const found = await eventually('all three', async () => {
    const all = await processes(server.path);
    return all.length === 3 && all.every(({ dram }) => (dram ?? 0) >= 2) && all;
  });
  assert.deepEqual(
    found.map(({ pid, dram }) => ({ pid, dram })).sort((a, b) => a.pid - b.pid),
    [
      { pid: 1, dram: 2 },
      { pid: 1, dram: 2 },
      { pid: 2, dram: 3 },
    ],
  );
  assert.equal(new Set(found.map(({ hostPid }) => hostPid)).size, 3);
  assert.ok(found.every(({ hostPid }) => (hostPid ?? 0) > 2));
  assert.deepEqual((await snapshot(server.path)).server.rejectedMessages, {});
  first.kill();
  await eventually('the first to be gone', async () => (await totals(server.path)).dram === 5000);
  await end(second);
  await end(forked);
  await eventually('all to be gone', async () => (await totals(server.path)).dram === 0);
  await server.stop();
});

test('without the native part PIDs are believed, called unverifiable, and end with their connection', async () => {
  const server = await startServer([], { env: { NODE_OPTIONS: '--no-addons' } });
  assert.match(server.stderr(), /PIDs cannot be verified/);
  const application = await startApplication(server.path, { messages: 2, letters: 'h' });
  await application.sent();
  await eventually('2 buffers', async () => (await totals(server.path)).dram === 2000);
  assert.deepEqual(await processes(server.path), [{ pid: application.pid, hostPid: undefined, dram: 2 }]);
  await end(application);
  await eventually('its end', async () => (await totals(server.path)).dram === 0);
  await server.stop();
});

test('a process that was there before the server is partial, one that came later is not', async () => {
  const server = await startServer();
  const early = await connectReporter(server.path, 'B');
  early.alloc({ pid: process.pid, device: 3, id: 1n, size: 10, type: 'L1' });
  await early.flush();
  const late = await startApplication(server.path, { messages: 1, letters: 'h' });
  await late.sent();
  const partial = await partialProcesses(server.path, 2);
  assert.deepEqual(partial, { [late.pid]: false, [process.pid]: true });
  await early.close();
  await end(late);
  await server.stop();
});

test('whoever begins with a FREE of what nobody knows is partial', async () => {
  const server = await startServer([], { env: { NODE_OPTIONS: '--no-addons' } });
  const reporter = await connectReporter(server.path, 'C');
  const buffer = { device: 0, id: 1n, size: 7, type: 'DRAM' } as const;
  reporter.free({ ...buffer, pid: 21 });
  reporter.alloc({ ...buffer, pid: 21 });
  reporter.alloc({ ...buffer, pid: 22 });
  reporter.free({ ...buffer, id: 2n, pid: 22 });
  await reporter.flush();
  assert.deepEqual(await partialProcesses(server.path, 2), { 21: true, 22: false });
  await reporter.close();
  await server.stop();
});

/** `partial` by PID, as soon as there are so many processes. */
function partialProcesses(path: string, count: number): Promise<Record<string, boolean>> {
  return eventually(`${count} processes`, async () => {
    const all = (await snapshot(path)).devices.flatMap((device) => device.processes);
    return all.length === count && Object.fromEntries(all.map(({ pid, partial }) => [pid, partial]));
  });
}
