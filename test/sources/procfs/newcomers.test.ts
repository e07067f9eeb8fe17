import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Newcomers } from '../../../src/sources/procfs/newcomers.ts';
import { fakeProc } from './proc-fixture.ts';

const VIEW = { real: false, initial: true, nested: false, ownPid: 99 };
const ONE_AND_SEVEN = new Set([1, 7]);

test('who has started since all were looked through is to be looked at once, if a file names its number', (t) => {
  const proc = fakeProc(t);
  const newcomers = new Newcomers(proc.root);
  for (const pid of [20, 21]) proc.put({ pid, namespacePids: [pid, 1] });
  newcomers.reset(new Set([20, 21]), 2);
  for (const pid of [22, 23, 99]) proc.put({ pid, namespacePids: [pid, 7] });
  proc.put({ pid: 24, namespacePids: [24, 8] });
  const named = (numbers: Set<number>, forks: number) => newcomers.namedBy(numbers, { view: VIEW, forks });
  assert.deepEqual(named(ONE_AND_SEVEN, 6), [22, 23]);
  newcomers.settle(22);
  assert.deepEqual(named(ONE_AND_SEVEN, 6), [23]);
  // Later a file names the other number too, and one of them has gone.
  proc.remove(23);
  assert.deepEqual(named(new Set([7, 8]), 7), [24]);
  newcomers.reset(new Set([20, 21, 22, 24]), 7);
  assert.deepEqual(named(new Set([1, 7, 8]), 8), []);
});

test('nobody is listed while nothing has started', (t) => {
  const proc = fakeProc(t);
  const newcomers = new Newcomers(proc.root);
  newcomers.reset(new Set(), 5);
  proc.put({ pid: 20, namespacePids: [20, 1] });
  assert.deepEqual(newcomers.namedBy(ONE_AND_SEVEN, { view: VIEW, forks: 5 }), []);
  assert.deepEqual(newcomers.namedBy(ONE_AND_SEVEN, { view: VIEW, forks: 6 }), [20]);
});

test('once so many have started that a PID can have come back, or their number is not known, everybody is new', (t) => {
  for (const [forks, expected] of [
    [8191, []],
    [8192, [20]],
    [undefined, [20]],
  ] as const) {
    const proc = fakeProc(t);
    const newcomers = new Newcomers(proc.root);
    proc.put({ pid: 20, namespacePids: [20, 1] });
    newcomers.reset(new Set([20]), 0);
    assert.deepEqual(newcomers.namedBy(ONE_AND_SEVEN, { view: VIEW, forks }), expected, `${forks}`);
  }
});

test('one that cannot be read yet is looked at again', (t) => {
  const proc = fakeProc(t);
  const newcomers = new Newcomers(proc.root);
  newcomers.reset(new Set(), 0);
  proc.put({ pid: 20, namespacePids: [20, 1] });
  rmSync(join(proc.root, '20/status'));
  assert.deepEqual(newcomers.namedBy(ONE_AND_SEVEN, { view: VIEW, forks: 1 }), []);
  proc.put({ pid: 20, namespacePids: [20, 1] });
  assert.deepEqual(newcomers.namedBy(ONE_AND_SEVEN, { view: VIEW, forks: 2 }), [20]);
});
