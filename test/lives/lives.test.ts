import assert from 'node:assert/strict';
import { it } from 'node:test';
import { playLives } from './live.ts';
import { decidedShare } from './tally.ts';

const LIVES = 5000;
/** Percent. */
const MUST_BE_DECIDED = 99.9;

const seeds = { 'of every run': 1, 'of this run': Math.floor(Math.random() * 1e9) };

for (const [which, seed] of Object.entries(seeds)) {
  it(`what is said of ${LIVES} random lives is true, with the seed ${which}`, async (t) => {
    t.diagnostic(`seed ${seed}`);
    const tally = await playLives(LIVES, seed);
    t.diagnostic(JSON.stringify(tally));
    assert.ok(tally.deaths.decided > LIVES / 10, 'so few writers died that nothing is shown');
    assert.ok(tally.late < tally.collections / 10, 'most collections were late');
    assert.ok(decidedShare(tally.deaths) >= MUST_BE_DECIDED, 'killed writers not known as gone in the next collection');
    assert.ok(decidedShare(tally.slots) >= MUST_BE_DECIDED, 'slots whose owner is not told');
  });
}
