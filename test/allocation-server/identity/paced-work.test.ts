import assert from 'node:assert/strict';
import { it } from 'node:test';
import { PacedWork } from '../../../src/allocation-server/identity/paced-work.ts';

const STEPS = 60;
const STEP_MS = 0.3;

function* busySteps(turns: number[], turn: () => number): Generator<undefined, void> {
  for (let step = 0; step < STEPS; step++) {
    const until = performance.now() + STEP_MS;
    while (performance.now() < until);
    turns.push(turn());
    yield;
  }
}

it('work in steps takes no turn for long, and a tenth of the time, also from one call to the next', async () => {
  let turn = 0;
  let counting = true;
  const count = (): void => {
    turn++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const work = new PacedWork();
  const turns: number[] = [];
  const start = performance.now();
  await work.run(busySteps(turns, () => turn));
  await work.run(busySteps(turns, () => turn));
  const took = performance.now() - start;
  counting = false;
  assert.equal(turns.length, 2 * STEPS);
  // 0.5 ms are over after two steps.
  const most = Math.max(...turns.map((each) => turns.filter((other) => other === each).length));
  assert.ok(most <= 2, `${most} steps in a turn`);
  assert.ok(took > 0.9 * 10 * 2 * STEPS * STEP_MS, `${took} ms`);
});
