import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.ts';
import { startApplication } from './support/application.ts';
import { snapshot, totals } from './support/ask.ts';
import { buildNative } from './support/built.ts';
import { SERVER_CLI, socketFolder, startServer } from './support/start-server.ts';
import type { RunningServer } from './support/start-server.ts';

const SERVICE_MANAGER = fileURLToPath(new URL('support/service-manager.py', import.meta.url));

before(() => {
  buildNative();
});

async function liveBuffers(path: string): Promise<number> {
  const [device] = (await snapshot(path)).devices;
  return device?.liveBuffers.dram ?? 0;
}

const keepers: RunningServer[] = [];
afterEach(async () => {
  // A server outlives a keeper that is killed: one that a failed test has left is asked to end.
  for (const keeper of keepers.splice(0)) await keeper.stop();
});

async function startKeeper(...flags: string[]): Promise<RunningServer> {
  const keeper = await startServer(['--keeper', ...flags]);
  keepers.push(keeper);
  return keeper;
}

/** The server below a keeper. */
function workerOf(keeper: RunningServer): number {
  const child = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
      return fields.split(' ')[1] === String(keeper.process.pid);
    } catch {
      return false;
    }
  });
  assert.notEqual(child, undefined);
  return Number(child);
}

async function untilStartedAfter(path: string, startSeconds: number): Promise<void> {
  await eventually('another server', async () => {
    const later = await snapshot(path).catch(() => undefined);
    return later !== undefined && later.server.startSeconds > startSeconds;
  });
}

test('below a keeper an application lives through a restart and a crash of the server', async () => {
  const server = await startKeeper();
  const application = await startApplication(server.path, { messages: 3000, pauseMicroseconds: 500, letters: 'h' });
  await eventually('some buffers', async () => (await liveBuffers(server.path)) > 100);
  const first = (await snapshot(server.path)).server.startSeconds;
  server.process.kill('SIGUSR2');
  await untilStartedAfter(server.path, first);
  const second = await snapshot(server.path);
  assert.deepEqual(second.server.rejectedMessages, {});
  assert.deepEqual(
    second.devices[0]?.processes.map(({ pid, partial }) => ({ pid, partial })),
    [{ pid: application.ownPid, partial: true }],
  );
  process.kill(workerOf(server), 'SIGKILL');
  await untilStartedAfter(server.path, second.server.startSeconds);
  await application.sent();
  application.proceed();
  assert.deepEqual(await application.ended, { code: 0, signal: null });
  await eventually('its bytes to be given back', async () => (await totals(server.path)).dram === 0);
  assert.equal(await server.stop(), 0);
});

test('a restart in order loses no message and takes none twice', async () => {
  const server = await startKeeper('--log.events');
  const application = await startApplication(server.path, { messages: 6000, pauseMicroseconds: 100, letters: 'h' });
  for (let restarts = 0; restarts < 2; restarts++) {
    await eventually('some buffers', async () => (await liveBuffers(server.path)) > 300);
    const { startSeconds } = (await snapshot(server.path)).server;
    server.process.kill('SIGUSR2');
    await untilStartedAfter(server.path, startSeconds);
  }
  await application.sent();
  const ids = () =>
    Array.from(server.stdout().matchAll(/Allocated 1000 bytes .* \(id=(\d+)\)\n/g), ([, id]) => Number(id));
  await eventually('the last one', () => ids().at(-1) === 4096 + 5999);
  assert.deepEqual(
    ids(),
    Array.from({ length: 6000 }, (_, index) => 4096 + index),
  );
  application.proceed();
  await application.ended;
  assert.equal(await server.stop(), 0);
});

test('what an application sends while its server is stopped and killed waits for the next one, to the last message', async () => {
  const server = await startKeeper();
  const application = await startApplication(server.path, { messages: 400, letters: 'wh' });
  await eventually('the connection', async () => (await snapshot(server.path)).server.connections === 2);
  const worker = workerOf(server);
  const before = (await snapshot(server.path)).server.startSeconds;
  process.kill(worker, 'SIGSTOP');
  application.proceed();
  await application.sent();
  process.kill(worker, 'SIGKILL');
  await untilStartedAfter(server.path, before);
  await eventually('all of it', async () => (await liveBuffers(server.path)) === 400);
  application.proceed();
  await application.ended;
  assert.equal(await server.stop(), 0);
});

test('a service manager that keeps descriptors keeps applications alive over a restart and a SIGKILL', async (t) => {
  const { folder, path } = await socketFolder();
  const command = [process.execPath, SERVER_CLI, `--path.sysfs=${folder}/none`];
  const manager = spawn('python3', [SERVICE_MANAGER, path, ...command], { stdio: ['pipe', 'pipe', 'ignore'] });
  // The end of its input stops the manager and its server, whatever has failed before.
  t.after(() => manager.stdin.end());
  let output = '';
  manager.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ready = (times: number) =>
    eventually(`start ${times}`, () => output.split('\n').filter((line) => line.startsWith('ready')).length === times);
  await ready(1);
  const application = await startApplication(path, { messages: 3000, pauseMicroseconds: 500, letters: 'h' });
  await eventually('some buffers', async () => (await liveBuffers(path)) > 100);
  manager.stdin.write('restart\n');
  await ready(2);
  assert.deepEqual((await snapshot(path)).server.rejectedMessages, {});
  await eventually('more buffers', async () => (await liveBuffers(path)) > 100);
  manager.stdin.write('kill\n');
  await ready(3);
  await application.sent();
  await eventually('more buffers', async () => (await liveBuffers(path)) > 0);
  application.proceed();
  assert.deepEqual(await application.ended, { code: 0, signal: null });
  // The state's file is held; connections that have ended are not.
  manager.stdin.write('store\n');
  await eventually('the store to be empty', () => {
    manager.stdin.write('store\n');
    return output.trimEnd().endsWith('store 1');
  });
  manager.stdin.write('stop\n');
  await once(manager, 'exit');
  await rm(folder, { recursive: true });
});

test('without a keeper and a service manager an application is killed by its next report after the end of the server', async () => {
  const server = await startServer();
  const application = await startApplication(server.path, { messages: 10, letters: 'w' });
  await eventually('the connection', async () => (await snapshot(server.path)).server.connections === 2);
  await server.stop();
  application.proceed();
  assert.deepEqual(await application.ended, { code: null, signal: 'SIGPIPE' });
});

test('a server whose keeper is killed goes on', async () => {
  const server = await startKeeper();
  const worker = workerOf(server);
  const application = await startApplication(server.path, { messages: 5, letters: 'wh' });
  await eventually('the connection', async () => (await snapshot(server.path)).server.connections === 2);
  server.process.kill('SIGKILL');
  await server.ended;
  application.proceed();
  await application.sent();
  await eventually('all messages', async () => (await totals(server.path)).dram === 5000);
  application.proceed();
  assert.deepEqual(await application.ended, { code: 0, signal: null });
  process.kill(worker, 'SIGTERM');
  await eventually('its end', () => !existsSync(server.path));
});
