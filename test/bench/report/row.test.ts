import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_ROW, markdownTable } from './row.ts';

test('every line of the table has the same cells at the same places', () => {
  const table = markdownTable([
    { ...EMPTY_ROW, what: 'a thing with a long name', ours: '1' },
    { ...EMPTY_ROW, what: 'x', go: '2', target: '≤ 3: holds' },
  ]);
  const bars = table.split('\n').map((line) => Array.from(line.matchAll(/\|/g), ({ index }) => index));
  assert.equal(bars.length, 4);
  assert.deepEqual(new Set(bars.map(String)).size, 1);
  assert.equal(bars[0]?.length, 8);
});
