import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { recommendedPoolSize } from '../../src/io/pool-size.ts';
import { DeviceFolder } from './device-folder.ts';
import type { Answer } from './reader-child.ts';
import { ReaderProcess } from './reader-process.ts';
import { tempFolder } from './temp-folder.ts';

function devices(t: TestContext, count: number): DeviceFolder {
  const folder = new DeviceFolder(tempFolder(t), count);
  t.after(() => {
    folder.close();
  });
  return folder;
}

function firstDevices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function usage({ threads, descriptors, requests }: Answer): object {
  return { threads, descriptors, requests };
}

/** Every other lane in every run, the blocked ones named, nothing growing, and recovery. */
async function goThrough(t: TestContext, blocked: readonly number[], where: 'open' | 'read'): Promise<void> {
  const host = devices(t, 32);
  const reader = new ReaderProcess(t, recommendedPoolSize);
  await reader.untilFast(host.lanes);
  const before = await reader.run(host.lanes);
  assert.deepEqual(before.results, host.expected());

  host.block(blocked, where);
  const healthy = host.expected(blocked);
  let settled: Answer | undefined;
  const times: number[] = [];
  for (let run = 0; run < 50; run += 1) {
    const answer = await reader.run(host.lanes);
    assert.deepEqual(answer.results, healthy);
    assert.deepEqual([...answer.blocked].sort(), host.keys(blocked).sort());
    assert.ok(answer.stuck);
    times.push(answer.ms);
    if (run === 10) await reader.until((state) => state.fast);
    if (run === 15) settled = answer;
    if (run === 49) assert.deepEqual(usage(answer), usage(settled ?? answer));
  }
  assert.ok((times[0] ?? 0) < 6000, `the first run took ${times[0]} ms`);
  const later = times.slice(1).sort((a, b) => a - b);
  assert.ok((later[24] ?? 0) < 500, `half of the later runs took more than ${later[24]} ms`);

  host.unblock(blocked);
  await reader.until((state) => !state.stuck);
  const recovered = await reader.run(host.lanes);
  assert.deepEqual([recovered.results, recovered.blocked], [host.expected(), []]);
  const after = await reader.run(host.lanes);
  assert.deepEqual([after.results, after.fast, after.stuck, after.requests], [host.expected(), true, false, 0]);
  await reader.until((state) => state.threads === before.threads);
}

test('1 of 32 devices blocks in open()', (t) => goThrough(t, [5], 'open'));
test('1 of 32 devices blocks in read()', (t) => goThrough(t, [0], 'read'));
test('4 of 32 devices block in open()', (t) => goThrough(t, [0, 9, 10, 31], 'open'));
test('31 of 32 devices block in open()', (t) => goThrough(t, firstDevices(31), 'open'));
test('31 of 32 devices block in read()', (t) => goThrough(t, firstDevices(32).slice(1), 'read'));
test('all of 32 devices block in open()', (t) => goThrough(t, firstDevices(32), 'open'));

test('devices that block before the first run cost the others nothing', async (t) => {
  const host = devices(t, 32);
  host.block([3, 4], 'open');
  const reader = new ReaderProcess(t, recommendedPoolSize);
  for (let run = 0; run < 5; run += 1) {
    const answer = await reader.run(host.lanes);
    assert.deepEqual([answer.results, answer.blocked], [host.expected([3, 4]), host.keys([3, 4])]);
  }
});

test('a device that comes back while a run waits for it is in that run', async (t) => {
  const host = devices(t, 4);
  const reader = new ReaderProcess(t, recommendedPoolSize);
  await reader.untilFast(host.lanes);
  host.block([1], 'read');
  const running = reader.run(host.lanes);
  setTimeout(() => {
    host.unblock([1]);
  }, 300);
  const answer = await running;
  assert.deepEqual([answer.results, answer.blocked], [host.expected(), []]);
});

test('a device that blocks again and again does not take the thread from the others again', async (t) => {
  const host = devices(t, 8);
  const reader = new ReaderProcess(t, recommendedPoolSize);
  await reader.untilFast(host.lanes);
  for (let round = 0; round < 4; round += 1) {
    host.block([2], 'open');
    const answer = await reader.run(host.lanes);
    assert.deepEqual([answer.results, answer.blocked], [host.expected([2]), host.keys([2])]);
    if (round > 0) assert.ok(answer.fast, `the thread hangs in round ${round}`);
    host.unblock([2]);
    host.close();
    await reader.until((state) => !state.stuck && state.fast);
  }
});

test('with a pool of 4 and 8 blocked devices a run ends at its deadline with what could be read', async (t) => {
  const host = devices(t, 16);
  const reader = new ReaderProcess(t, 4);
  await reader.untilFast(host.lanes);
  const blocked = [1, 3, 5, 7, 9, 11, 13, 15];
  host.block(blocked, 'open');
  let working: string[] = [];
  for (let run = 0; run < 6; run += 1) {
    const answer = await reader.run(host.lanes, 500);
    const present = Object.keys(answer.results);
    assert.ok(answer.ms < 2000, `run ${run} took ${answer.ms} ms`);
    assert.deepEqual([...present, ...answer.blocked].sort(), host.lanes.map(({ key }) => key).sort());
    assert.deepEqual(
      host.keys(blocked).filter((key) => present.includes(key)),
      [],
    );
    // One device blocks the thread and two the pool. What was read before there was no place left is read on.
    if (run === 0) working = present;
    else if (run > 1) assert.deepEqual(present.sort(), working.sort());
    assert.ok(answer.requests <= 2, `${answer.requests} reads outstanding`);
    if (run === 1) await reader.until((state) => state.fast);
  }
  assert.ok(working.length > 0);
  host.unblock(blocked);
  await reader.until((state) => !state.stuck);
  const recovered = await reader.run(host.lanes);
  assert.deepEqual([recovered.results, recovered.blocked], [host.expected(), []]);
});

test('closing with blocked reads does not wait for them, and says that the process cannot end by itself', async (t) => {
  const host = devices(t, 8);
  const reader = new ReaderProcess(t, recommendedPoolSize);
  await reader.untilFast(host.lanes);
  host.block([0, 1, 2], 'read');
  await reader.run(host.lanes);
  const closed = await reader.close();
  assert.deepEqual([closed.stuck, closed.ms < 1000], [true, true]);
});

test('after closing without blocked reads the process ends by itself', async (t) => {
  const host = devices(t, 4);
  const reader = new ReaderProcess(t, recommendedPoolSize);
  await reader.untilFast(host.lanes);
  await reader.run(host.lanes);
  assert.equal((await reader.close()).stuck, false);
  assert.equal(await reader.leave(), 0);
});

test('an idle reader that nobody closed keeps no process alive', async (t) => {
  const host = devices(t, 4);
  const reader = new ReaderProcess(t, recommendedPoolSize);
  await reader.untilFast(host.lanes);
  assert.equal(await reader.leave(), 0);
});
