import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FORGET_AFTER, LaneBook } from '../../src/io/lane-book.ts';
import type { Lane } from '../../src/io/lanes.ts';

function lane(key: string, generation = '1', path = `/${key}`, maxBytes = 64): Lane {
  return { key, generation, files: [{ path, maxBytes }] };
}

test('a lane is told once, also where an equal one is handed over', () => {
  const book = new LaneBook();
  assert.deepEqual(book.update([lane('a'), lane('b')]), { define: [lane('a'), lane('b')], forget: [] });
  assert.deepEqual(book.update([lane('a'), lane('b')]), { define: [], forget: [] });
});

test('a lane is told again when its generation, a path or a size changes', () => {
  const book = new LaneBook();
  book.update([lane('a'), lane('b'), lane('c'), lane('d')]);
  const changed = [lane('a', '2'), lane('b', '1', '/other'), lane('c', '1', '/c', 65)];
  const longer: Lane = { ...lane('d'), files: [...lane('d').files, ...lane('e').files] };
  assert.deepEqual(book.update([...changed, longer]), { define: [...changed, longer], forget: [] });
});

test('a lane is forgotten after readings without it, not in the turn of another source', () => {
  const book = new LaneBook();
  book.update([lane('a')]);
  for (let reading = 1; reading < FORGET_AFTER; reading += 1) {
    assert.deepEqual(book.update([lane('b')]).forget, []);
  }
  assert.deepEqual(book.update([lane('b')]).forget, ['a']);
  assert.deepEqual(book.update([lane('a')]), { define: [lane('a')], forget: [] });
});
