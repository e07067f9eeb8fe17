import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Cursor, OutOfBoundsError } from '../../src/bytes/cursor.ts';

/** Every kind of read, and how many bytes it takes. */
const READS = [
  ['u8', 1, (cursor: Cursor): unknown => cursor.u8()],
  ['u16', 2, (cursor: Cursor): unknown => cursor.u16()],
  ['u32', 4, (cursor: Cursor): unknown => cursor.u32()],
  ['i32', 4, (cursor: Cursor): unknown => cursor.i32()],
  ['u64', 8, (cursor: Cursor): unknown => cursor.u64()],
  ['bigU64', 8, (cursor: Cursor): unknown => cursor.bigU64()],
  ['text', 5, (cursor: Cursor): unknown => cursor.text(5)],
  [
    'skip',
    3,
    (cursor: Cursor): unknown => {
      cursor.skip(3);
      return undefined;
    },
  ],
] as const;

describe('Cursor', () => {
  it('reads values one after another, little-endian', () => {
    const cursor = new Cursor(
      Buffer.from(
        '01 0203 04050607 ffffffff 0100000000000000 0000000000000080 aabb 616200ff'.replaceAll(' ', ''),
        'hex',
      ),
    );
    const values = [cursor.u8(), cursor.u16(), cursor.u32(), cursor.i32(), cursor.u64(), cursor.bigU64()];
    cursor.skip(2);
    assert.deepEqual([...values, cursor.text(4)], [1, 0x0302, 0x07060504, -1, 1, 2n ** 63n, 'ab']);
    assert.deepEqual([cursor.offset, cursor.remaining], [33, 0]);
  });

  it('gives a u64 as a number up to 2^53 - 1 and undefined above', () => {
    const read = (value: bigint): number | undefined => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(value);
      return new Cursor(bytes).u64();
    };
    assert.deepEqual([0n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n].map(read), [
      0,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      undefined,
      undefined,
    ]);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        assert.equal(read(value), value < 2n ** 53n ? Number(value) : undefined);
      }),
    );
  });

  for (const [name, width, read] of READS) {
    it(`throws its own error when ${name} meets the end, and stays where it was`, () => {
      for (let length = 0; length < width; length++) {
        const cursor = new Cursor(Buffer.alloc(length));
        assert.throws(
          () => read(cursor),
          (error) => error instanceof OutOfBoundsError && error.offset === 0,
        );
        assert.equal(cursor.offset, 0);
      }
      const whole = new Cursor(Buffer.alloc(width));
      read(whole);
      assert.equal(whole.remaining, 0);
    });
  }

  it('refuses lengths and offsets that are none', () => {
    const cursor = new Cursor(Buffer.alloc(8));
    for (const bytes of [-1, 0.5, NaN, Infinity]) {
      assert.throws(() => {
        cursor.skip(bytes);
      }, OutOfBoundsError);
      assert.throws(() => cursor.text(bytes), OutOfBoundsError);
      assert.throws(() => new Cursor(Buffer.alloc(8), bytes), OutOfBoundsError);
    }
    assert.throws(() => new Cursor(Buffer.alloc(8), 9), OutOfBoundsError);
    assert.equal(new Cursor(Buffer.from([1, 2, 3]), 2).u8(), 3);
  });

  it('reads a slice of a larger buffer within its bounds only', () => {
    const slice = Buffer.from([1, 2, 3, 4]).subarray(1, 3);
    assert.throws(() => new Cursor(slice).u32(), OutOfBoundsError);
    assert.equal(new Cursor(slice).u16(), 0x0302);
  });
});
