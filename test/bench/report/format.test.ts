import assert from 'node:assert/strict';
import { test } from 'node:test';
import { short, withSpread } from './format.ts';

test('figures have three digits, whole numbers all of theirs', () => {
  assert.deepEqual([0, 0.0123, 0.2149, 5.312, 60.24, 127.4, 15_744, NaN].map(short), [
    '0.00',
    '0.012',
    '0.215',
    '5.31',
    '60.2',
    '127',
    '15744',
    '',
  ]);
  assert.equal(withSpread({ median: 5.3, least: 5.1, most: 11 }), '5.30 (5.10–11.0)');
});
