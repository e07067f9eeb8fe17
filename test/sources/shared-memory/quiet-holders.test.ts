import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuietHolders } from '../../../src/sources/shared-memory/quiet-holders.ts';
import { region } from '../../support/readings.ts';

const HOLDER = { path: '/proc/60', pid: 60, startTicks: 5, mountNamespace: 1 };
const OWN = [region(1n, {}, [])];

function quietHolder() {
  let now = 0;
  const quiet = new QuietHolders(() => now);
  quiet.begin([HOLDER], OWN);
  quiet.add(HOLDER);
  return { quiet, pass: (ms: number) => (now += ms) };
}

test('a process that led to nothing new is looked through again after some seconds', () => {
  const { quiet, pass } = quietHolder();
  assert.equal(quiet.has(HOLDER), true);
  pass(7_999);
  quiet.begin([HOLDER], OWN);
  assert.equal(quiet.has(HOLDER), true);
  pass(4_001);
  assert.equal(quiet.has(HOLDER), false);
});

test('a process with a recycled PID is another one', () => {
  const { quiet } = quietHolder();
  assert.equal(quiet.has({ ...HOLDER, startTicks: 6 }), false);
});

test('everybody is looked through again where a region that was found by name has gone', () => {
  const { quiet } = quietHolder();
  quiet.begin([HOLDER], []);
  assert.equal(quiet.has(HOLDER), false);
});

test('a process that holds no device any more is forgotten', () => {
  const { quiet } = quietHolder();
  quiet.begin([], OWN);
  quiet.begin([HOLDER], OWN);
  assert.equal(quiet.has(HOLDER), false);
});
