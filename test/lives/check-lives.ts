import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { playLives } from './live.ts';
import { decidedShare } from './tally.ts';

/** Half of what is checked in every run: two files, so that two cores can share it. */
export const LIVES = 5000;

/** Percent. */
const MUST_BE_DECIDED = 99.9;

/** Plays lives and fails where something untrue was said of them, or too little. */
export async function checkLives(t: TestContext, seed: number): Promise<void> {
  t.diagnostic(`seed ${seed}`);
  const tally = await playLives(LIVES, seed);
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally.deaths.decided > LIVES / 10, 'so few writers died that nothing is shown');
  assert.ok(tally.late < tally.collections / 10, 'too many collections were late');
  assert.ok(decidedShare(tally.deaths) >= MUST_BE_DECIDED, 'killed writers not known as gone in the next collection');
  assert.ok(decidedShare(tally.slots) >= MUST_BE_DECIDED, 'slots whose owner is not told');
}
