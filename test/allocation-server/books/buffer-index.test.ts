import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BufferIndex } from '../../../src/allocation-server/books/buffer-index.ts';

/** The places of a hash, sorted. */
function placesOf(index: BufferIndex, hash: number): number[] {
  const places: number[] = [];
  for (let slot = index.first(hash); slot >= 0; slot = index.next(hash, slot)) places.push(index.placeAt(hash, slot));
  return places.sort((a, b) => a - b);
}

// Hashes of one part of the index, few home slots, so that runs meet and go around its end.
const hash = fc.oneof(fc.constantFrom(0, 1, 7, 8, 15, 0x2f_ffff, -1, 2 ** 31 - 1), fc.nat(40));
const change = fc.record({ what: fc.constantFrom('insert', 'insert', 'remove', 'replace'), hash, place: fc.nat(9) });

describe('the index', () => {
  it('leads from each hash to the places that were put there and not taken away', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200, size: 'max' }), (changes) => {
        const index = new BufferIndex();
        const model = new Map<number, number[]>();
        for (const { what, hash, place } of changes) {
          const places = model.get(hash) ?? [];
          const known = places.includes(place);
          if (what === 'insert' && !known) {
            index.insert(hash, place);
            model.set(hash, [...places, place]);
          } else if (what === 'remove') {
            index.remove(hash, place);
            model.set(
              hash,
              places.filter((other) => other !== place),
            );
          } else if (what === 'replace' && known && !places.includes(place + 100)) {
            index.replace(hash, place, place + 100);
            model.set(
              hash,
              places.map((other) => (other === place ? place + 100 : other)),
            );
          }
        }
        for (const [hash, places] of model)
          assert.deepEqual(
            placesOf(index, hash),
            places.sort((a, b) => a - b),
          );
      }),
    );
  });

  it('gives its memory back at once when its entries go', () => {
    const index = new BufferIndex();
    const bytes = (): number => process.memoryUsage().arrayBuffers;
    const hashOf = (place: number): number => Math.imul(place, 0x9e37_79b1);
    const before = bytes();
    for (let place = 0; place < 500_000; place++) index.insert(hashOf(place), place);
    const full = bytes() - before;
    for (let place = 0; place < 500_000; place++) index.remove(hashOf(place), place);
    const left = bytes() - before;
    assert.ok(full > 500_000 * 8 && left < full / 10, `${full} bytes when full, ${left} when empty`);
  });

  it('keeps every entry while a part grows to thousands and shrinks again', () => {
    const index = new BufferIndex();
    for (let hash = 0; hash < 5000; hash++) index.insert(hash * 3, hash);
    for (let hash = 0; hash < 5000; hash++) if (hash % 50 !== 0) index.remove(hash * 3, hash);
    const left = Array.from({ length: 5000 }, (_, hash) => placesOf(index, hash * 3));
    assert.deepEqual(
      left,
      Array.from({ length: 5000 }, (_, hash) => (hash % 50 === 0 ? [hash] : [])),
    );
  });
});
