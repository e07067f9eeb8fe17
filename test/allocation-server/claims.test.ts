import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { before, test } from 'node:test';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { eventually } from '../support/eventually.ts';
import { startApplication } from './support/application.ts';
import { snapshot, totals } from './support/ask.ts';
import { buildNative } from './support/built.ts';
import { startServer } from './support/start-server.ts';

const LIARS = 32;

before(() => {
  buildNative();
});

/** Claims PIDs that nobody has, ever others, over connections of its own, until it is stopped. */
async function startLiars(path: string): Promise<{ stop(): Promise<void> }> {
  const liars = await Promise.all(Array.from({ length: LIARS }, () => connectReporter(path, 'C')));
  let stopped = false;
  const lies = liars.map(async (liar) => {
    while (!stopped) {
      const pids = Array.from({ length: 20 }, () => randomInt(2 ** 30, 2 ** 31));
      for (const pid of pids) liar.alloc({ pid, device: 0, id: 1n, size: 1, type: 'DRAM' });
      await liar.flush();
      await pause(20);
    }
    await liar.close();
  });
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(lies);
    },
  };
}

test('32 connections that claim PIDs of nobody hold no application up, and a claim that is true is still found', async () => {
  const server = await startServer();
  const liars = await startLiars(server.path);
  await eventually('a refusal', async () => {
    const { rejectedMessages } = (await snapshot(server.path)).server;
    return (rejectedMessages['foreign_pid'] ?? 0) > 0;
  });

  const application = await startApplication(server.path, { messages: 30_000, letters: 'h' });
  const longest = await application.sent();
  assert.ok(longest < 250_000, `${longest} µs in a send`);
  await eventually('all messages', async () => (await totals(server.path)).dram === 30_000_000);
  application.kill();
  await eventually('its end', async () => (await totals(server.path)).dram === 0);

  const wrapper = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const forked = await startApplication(server.path, { messages: 50, letters: 'fh', wrapper });
  await eventually('the child in another namespace', async () => (await totals(server.path)).dram === 50_000, 30);
  const [device] = (await snapshot(server.path)).devices;
  assert.deepEqual(
    device?.processes.map(({ pid, partial, liveBuffers }) => ({ pid, partial, dram: liveBuffers.dram })),
    [{ pid: 2, partial: false, dram: 50 }],
  );
  await liars.stop();
  forked.proceed();
  await forked.ended;
  assert.equal(await server.stop(), 0);
});
