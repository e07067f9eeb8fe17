import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, judgements } from './target.ts';

test('a target is held at its limit, missed beyond it, and says nothing without a figure', () => {
  const most = { is: 'at most', limit: 0.25, of: ' of Go' } as const;
  const least = { is: 'at least', limit: 8, of: '×' } as const;
  assert.deepEqual(
    [
      judge(0.25, most),
      judge(0.251, most),
      judge(8, least),
      judge(7.9, least),
      judge(undefined, most),
      judge(NaN, most),
    ],
    ['≤ 0.25 of Go: holds', '≤ 0.25 of Go: **missed**', '≥ 8×: holds', '≥ 8×: **missed**', '', ''],
  );
  assert.equal(judgements('', 'one', '', 'two'), 'one; two');
});
