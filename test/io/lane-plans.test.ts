import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LanePlans } from '../../src/io/lane-plans.ts';
import { laneOf } from './temp-folder.ts';

const LANE = laneOf('a', ['/1']);
const OTHER = laneOf('b', ['/2', '/3']);

test('the same lanes have the same plan again once it is released', () => {
  const plans = new LanePlans();
  const first = plans.take([LANE, OTHER]);
  assert.equal(first?.isNew, true);
  assert.equal(first.plan.memory.outcomes.length, 3);
  const meanwhile = plans.take([LANE, OTHER]);
  assert.equal(meanwhile?.isNew, true);
  assert.notEqual(meanwhile.plan.slot, first.plan.slot);
  plans.release(first.plan);
  assert.deepEqual(plans.take([LANE, OTHER]), { plan: first.plan, isNew: false });
  assert.equal(plans.take([OTHER, LANE])?.isNew, true);
});

test('a slot is taken over only when nothing is read for it, and none is free while all are in use', () => {
  const plans = new LanePlans();
  const taken = Array.from({ length: 8 }, () => plans.take([LANE])?.plan);
  assert.deepEqual(new Set(taken.map((plan) => plan?.slot)), new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  assert.equal(plans.take([OTHER]), undefined);
  const [, , third] = taken;
  if (third !== undefined) plans.release(third);
  assert.equal(plans.take([OTHER])?.plan.slot, 2);
});

test('memory that a stuck thread may write to is not handed out again', () => {
  const plans = new LanePlans();
  const stuck = plans.take([LANE])?.plan;
  plans.clear();
  const next = plans.take([LANE]);
  assert.equal(next?.isNew, true);
  assert.notEqual(next.plan.memory, stuck?.memory);
});
