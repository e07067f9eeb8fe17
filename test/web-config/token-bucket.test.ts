import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TokenBucket } from '../../src/web-config/token-bucket.ts';

it('a limit lets the burst through at once, then one an interval, and saves up no more than the burst', () => {
  let now = 1000;
  const bucket = new TokenBucket({ intervalMs: 100, burst: 2 }, () => now);
  const takes = (count: number): boolean[] => Array.from({ length: count }, () => bucket.take());
  assert.deepEqual(takes(3), [true, true, false]);
  now += 99;
  assert.deepEqual(takes(1), [false]);
  now += 1;
  assert.deepEqual(takes(2), [true, false]);
  now += 100_000;
  assert.deepEqual(takes(3), [true, true, false]);
});
