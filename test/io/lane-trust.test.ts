import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FORGET_AFTER } from '../../src/io/lane-book.ts';
import { LaneTrust } from '../../src/io/lane-trust.ts';
import type { Lane } from '../../src/io/lanes.ts';

function lane(key: string): Lane {
  return { key, generation: '1', files: [] };
}

test('a lane is new until something is known of it', () => {
  const trust = new LaneTrust();
  trust.see([lane('a'), lane('b'), lane('c')]);
  trust.set('b', 'proven');
  trust.set('c', 'suspect');
  trust.see([lane('a'), lane('b'), lane('c')]);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => trust.of(key)),
    ['new', 'proven', 'suspect'],
  );
});

test('a lane that has left is forgotten, and what comes late of it changes nothing', () => {
  const trust = new LaneTrust();
  trust.see([lane('a')]);
  trust.set('a', 'suspect');
  for (let run = 0; run < FORGET_AFTER; run += 1) trust.see([lane('b')]);
  assert.equal(trust.of('a'), 'new');
  trust.set('a', 'suspect');
  assert.equal(trust.of('a'), 'new');
});
