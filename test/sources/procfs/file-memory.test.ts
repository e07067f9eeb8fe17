import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HolderMap, needsLook, nextLook } from '../../../src/sources/procfs/file-memory.ts';
import type { WantedFile } from '../../../src/sources/source.ts';

const WANTED: WantedFile = {
  file: { dev: 1, ino: 2 },
  fingerprint: 'f',
  attachMark: 'attached once',
  writerPids: [7],
  writerMark: () => '',
};
const HOLDER = { startTicks: 5, link: 'fd/9', seenMark: 'attached once', lookAt: 1000 };

test('a holder that owns a slot is looked for again after an attach, and when its time has come', () => {
  assert.equal(needsLook(HOLDER, WANTED, true, 999), false);
  assert.equal(needsLook(HOLDER, WANTED, true, 1000), true);
  assert.equal(needsLook({ ...HOLDER, seenMark: 'before' }, WANTED, true, 999), true);
});

test('a holder that owns no slot is looked for each time', () => {
  assert.equal(needsLook(HOLDER, WANTED, false, 1), true);
});

test('holders are looked for again within two to four minutes, and never many of them at once', () => {
  const times: number[] = [];
  for (let chip = 0; chip < 32; chip++) {
    for (let pid = 0; pid < 64; pid++) times.push(nextLook(0, 100_001 + 37 * pid, 500 + chip));
  }
  times.sort((a, b) => a - b);
  assert.ok((times[0] ?? 0) >= 120_000 && (times.at(-1) ?? 0) < 240_000);
  const inOneSecond = times.map((time) => times.filter((other) => other >= time && other < time + 1000).length);
  assert.ok(Math.max(...inOneSecond) < 100, `${Math.max(...inOneSecond)} looks within a second`);
});

test('the PIDs of holders are in order, and the same array until they change', () => {
  const holders = new HolderMap();
  holders.set(30, HOLDER).set(4, HOLDER);
  const pids = holders.pids();
  assert.deepEqual(pids, [4, 30]);
  holders.set(4, { ...HOLDER, link: 'fd/10' });
  assert.equal(holders.pids(), pids);
  holders.set(7, HOLDER);
  assert.deepEqual(holders.pids(), [4, 7, 30]);
  holders.delete(30);
  assert.deepEqual(holders.pids(), [4, 7]);
  holders.clear();
  assert.deepEqual([holders.pids(), pids], [[], [4, 30]]);
});
