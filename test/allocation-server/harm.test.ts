import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { before, test } from 'node:test';
import { encodeDump, encodeQuery, encodeSnapshotQuery } from '../../src/protocol/requests.ts';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { eventually } from '../support/eventually.ts';
import { startApplication } from './support/application.ts';
import { snapshot, totals } from './support/ask.ts';
import { buildNative } from './support/built.ts';
import { SERVER_CLI, socketFolder, startServer } from './support/start-server.ts';

before(() => {
  buildNative();
});

async function connect(path: string): Promise<Socket> {
  const socket = createConnection({ path });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('rubbish is read to its end, counted and thrown away, and the reports behind it are taken', async () => {
  const server = await startServer();
  const reporter = await connectReporter(server.path, 'B');
  const buffer = { pid: process.pid, device: 0, size: 100, type: 'L1' } as const;
  reporter.alloc({ ...buffer, id: 1n });
  reporter.alloc({ ...buffer, id: 2n });
  reporter.raw(Buffer.alloc(1_000_003, 0xa7));
  reporter.alloc({ ...buffer, id: 3n });
  reporter.alloc({ ...buffer, id: 4n });
  await reporter.flush();
  await eventually('all four', async () => (await totals(server.path)).l1 === 400);
  assert.deepEqual((await snapshot(server.path)).server.rejectedMessages, { out_of_step: 1 });
  await reporter.close();
  await server.stop();
});

test('an application goes on while nobody reads what the server prints, and the lost lines are counted', async () => {
  const { folder, path } = await socketFolder();
  const args = [SERVER_CLI, `--socket.path=${path}`, '--path.sysfs=/none', '--log.events'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  await eventually('the server', () => log.includes('listening'));
  // Nobody reads server.stdout: its pipe holds 64 KiB.
  const application = await startApplication(path, { messages: 30_000, letters: 'h' });
  await application.sent();
  await eventually('all messages', async () => (await totals(path)).dram === 30_000_000);
  const monitor = await connect(path);
  for (let times = 0; times < 20; times++) monitor.write(encodeDump('C', 'DUMP_REMAINING'));
  assert.equal((await totals(path)).dram, 30_000_000);
  await eventually('the count', () => log.includes('lines were dropped'));
  monitor.destroy();
  const ended = once(server, 'exit');
  const askedAt = performance.now();
  server.kill('SIGTERM');
  await ended;
  assert.equal(server.exitCode, 0);
  assert.ok(performance.now() - askedAt < 2000);
  application.proceed();
  await rm(folder, { recursive: true });
});

test('a monitor that asks without end and never reads costs the server little, and applications nothing', async () => {
  const server = await startServer();
  const monitors = await Promise.all(Array.from({ length: 8 }, () => connect(server.path)));
  for (const monitor of monitors) {
    monitor.pause();
    for (let times = 0; times < 200; times++) {
      monitor.write(Buffer.concat(Array.from({ length: 100 }, () => encodeQuery('C', 0))));
      monitor.write(encodeSnapshotQuery());
    }
  }
  const application = await startApplication(server.path, { messages: 2000, pauseMicroseconds: 200, letters: 'h' });
  const longest = await application.sent();
  assert.ok(longest < 500_000, `${longest} µs in a send`);
  await eventually('all messages', async () => (await totals(server.path)).dram === 2_000_000);
  assert.ok(monitors.every((monitor) => !monitor.destroyed));
  for (const monitor of monitors) monitor.destroy();
  application.proceed();
  await application.ended;
  await server.stop();
});

test('where descriptors run out, monitors make room and applications wait in the kernel, none is closed', async () => {
  const { folder, path } = await socketFolder();
  const args = [process.execPath, SERVER_CLI, `--socket.path=${path}`, '--path.sysfs=/none'];
  // Node.js lifts the soft limit to the hard one.
  const command = `ulimit -Hn 96; exec ${args.join(' ')}`;
  const server = spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  await eventually('the server', () => log.includes('listening'));
  const applications = await Promise.all(Array.from({ length: 70 }, () => connectReporter(path, 'C')));
  for (const [index, application] of applications.entries()) {
    application.alloc({ pid: process.pid, device: 0, id: BigInt(index), size: 1, type: 'DRAM' });
    await application.flush();
  }
  // 48 places: the others are taken as soon as places become free.
  for (const application of applications.splice(0, 40)) await application.close();
  await eventually('all reports', async () => (await totals(path)).dram === 70);
  for (const application of applications) await application.close();
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
  await rm(folder, { recursive: true });
});
