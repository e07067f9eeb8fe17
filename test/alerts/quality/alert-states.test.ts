import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firings } from './alert-states.ts';

const EVERY_MINUTE = { step: 60, end: 1200 };

describe('firings', () => {
  it('fire once they have been active for long enough, until the first evaluation without a value', () => {
    const rule = { forSeconds: 120, keepFiringForSeconds: 0 };
    assert.deepEqual(firings([60, 120, 180, 240], EVERY_MINUTE, rule), [{ from: 180, until: 300 }]);
  });

  it('do not fire where it was not active for long enough without a break', () => {
    const rule = { forSeconds: 120, keepFiringForSeconds: 0 };
    assert.deepEqual(firings([60, 120, 240, 300], EVERY_MINUTE, rule), []);
  });

  it('are kept across a gap that is shorter than keep_firing_for, and end after a longer one', () => {
    const rule = { forSeconds: 0, keepFiringForSeconds: 120 };
    assert.deepEqual(firings([60, 180, 600], EVERY_MINUTE, rule), [
      { from: 60, until: 360 },
      { from: 600, until: 780 },
    ]);
  });

  it('that still fire at the end reach beyond it', () => {
    const rule = { forSeconds: 0, keepFiringForSeconds: 0 };
    assert.deepEqual(firings([1140, 1200], EVERY_MINUTE, rule), [{ from: 1140, until: 1260 }]);
  });
});
