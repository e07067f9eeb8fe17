import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { huffmanCode } from '../../src/gzip/huffman.ts';

test('frequent symbols have short codes, those that do not occur none', () => {
  const { lengths, codes } = huffmanCode([0, 50, 25, 13, 12], 15);
  assert.deepEqual([...lengths], [0, 1, 2, 3, 3]);
  // Canonical: 0, 10, 110, 111; the first bit lowest.
  assert.deepEqual([...codes], [0, 0b0, 0b01, 0b011, 0b111]);
});

test('a single symbol has a code of one bit, and none at all is a code too', () => {
  assert.deepEqual([...huffmanCode([0, 9, 0], 7).lengths], [0, 1, 0]);
  assert.deepEqual([...huffmanCode([0, 0], 7).lengths], [0, 0]);
});

test('whatever the counts, codes use all of their room, are no prefixes of each other and keep to the limit', () => {
  const counts = fc.array(fc.oneof(fc.nat(3), fc.nat(1e9)), { minLength: 2, maxLength: 286 });
  fc.assert(
    fc.property(counts, fc.integer({ min: 9, max: 15 }), (weights, limit) => {
      const { lengths, codes } = huffmanCode(weights, limit);
      const used = [...lengths.entries()].filter(([, bits]) => bits > 0);
      assert.deepEqual(
        used.map(([symbol]) => symbol),
        [...weights.entries()].filter(([, weight]) => weight > 0).map(([symbol]) => symbol),
      );
      if (used.length < 2) return;
      assert.ok(used.every(([, bits]) => bits <= limit));
      assert.equal(
        used.map(([, bits]) => 2 ** -bits).reduce((sum, part) => sum + part, 0),
        1,
      );
      const texts = used.map(([symbol, bits]) =>
        Array.from({ length: bits }, (_, bit) => ((codes[symbol] ?? 0) >> bit) & 1).join(''),
      );
      texts.sort();
      assert.ok(texts.slice(1).every((text, at) => !text.startsWith(texts[at] ?? '')));
    }),
  );
});

test('rare symbols do not get codes that are too long', () => {
  // Fibonacci's numbers make the deepest tree.
  const counts = [1, 1];
  while (counts.length < 30) counts.push((counts.at(-1) ?? 0) + (counts.at(-2) ?? 0));
  assert.equal(Math.max(...huffmanCode(counts, 30).lengths), 29);
  assert.ok(Math.max(...huffmanCode(counts, 11).lengths) <= 11);
});
