import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, quantile, ratios, spread } from './statistics.ts';

test('a quantile is one of the samples, whatever their order', () => {
  const samples = [9, 1, 10, 2, 3];
  assert.deepEqual(
    [0, 0.5, 0.95, 1].map((share) => quantile(samples, share)),
    [1, 3, 10, 10],
  );
  assert.deepEqual(samples, [9, 1, 10, 2, 3]);
  assert.equal(median([4]), 4);
  assert.equal(median([]), NaN);
});

test('ratios are taken round by round, so that a slow round of both changes nothing', () => {
  assert.deepEqual(ratios([1, 10, 3], [4, 40, 10]), { median: 0.25, least: 0.25, most: 0.3 });
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 });
});
