import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import type { SnapshotDocument } from '../../src/protocol/snapshot-document.ts';
import { snapshot } from '../allocation-server/support/ask.ts';
import { buildNative } from '../allocation-server/support/built.ts';
import { SERVER_CLI } from '../allocation-server/support/start-server.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram } from '../support/start-exporter.ts';
import type { RunningProgram } from '../support/start-exporter.ts';
import { compileDriver, LANGUAGES, startDriver } from './driver.ts';

const folder = mkdtempSync(join(tmpdir(), 'tt-clients-own-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function start(path: string): Promise<RunningProgram> {
  const flags = [`--socket.path=${path}`, `--path.sysfs=${folder}/none`];
  const server = startProgram(flags, { script: SERVER_CLI });
  await server.waitForLine(/\bmsg=listening\b/);
  return server;
}

/** By process: what is live on device 0, and its fullest core. */
function held({ devices }: SnapshotDocument): Record<number, unknown> {
  const processes = devices.find(({ id }) => id === 0)?.processes ?? [];
  return Object.fromEntries(
    processes.map(({ hostPid = 0, liveBytes, cbMaxCoreBytes }) => [hostPid, { ...liveBytes, cbMaxCoreBytes }]),
  );
}

it('the server has what the clients of all languages hold, also after it was killed and started again', async () => {
  buildNative();
  const path = join(folder, 'server.sock');
  const program = compileDriver(folder, 'driver');
  let server = await start(path);
  const drivers = LANGUAGES.map((language) => startDriver(language, program, { socketPath: path, extension: true }));
  try {
    for (const driver of drivers) {
      driver.say('alloc 0 1 100 0', 'alloc 0 1 100 0', 'alloc 0 1 7 1', 'alloc 0 2 5 0', 'free 0 1', 'free 0 2');
      driver.say('cores 0 3 64 0 0 1 1 16', 'cores 0 4 32 1 1 1 1 32', 'load 0 9 900 0', 'unload 0 9', 'load 0 8 30 0');
    }
    for (const round of ['first', 'killed', 'freed']) {
      if (round === 'killed') {
        server.process.kill('SIGKILL');
        await server.ended;
        server = await start(path);
      }
      // One of two references: the bytes stay.
      if (round === 'freed') for (const driver of drivers) driver.say('free 0 1', 'cbfree 0 4');
      const [cb, cbMaxCoreBytes] = round === 'freed' ? [64, 16] : [96, 48];
      const expected = Object.fromEntries(
        drivers.map(({ pid }) => [pid, { dram: 100, cb, kernel: 30, cbMaxCoreBytes }]),
      );
      let told: unknown;
      await eventually('the books', async () => {
        told = Object.fromEntries(
          Object.entries(held(await snapshot(path))).map(([pid, bytes]) => {
            const { dram, cb: buffers, kernel, cbMaxCoreBytes: most } = bytes as Record<string, number>;
            return [pid, { dram, cb: buffers, kernel, cbMaxCoreBytes: most }];
          }),
        );
        return JSON.stringify(told) === JSON.stringify(expected);
      }).catch(() => undefined);
      assert.deepEqual(told, expected, round);
    }
  } finally {
    for (const driver of drivers) assert.deepEqual(await driver.close(), { code: 0, signal: null, stderr: '' });
    await server.stop();
  }
});
