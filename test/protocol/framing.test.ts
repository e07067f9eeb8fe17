import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameSplitter } from '../../src/protocol/framing.ts';

const SIZE = 7;
const STREAM = Buffer.from(Array.from({ length: 3 * SIZE }, (_, index) => index));
const FRAMES = [STREAM.subarray(0, 7), STREAM.subarray(7, 14), STREAM.subarray(14)];

/** Frames copied as they come: a view must not change afterwards. */
function split(chunks: readonly Buffer[], size = SIZE): { frames: Buffer[]; pending: number } {
  const splitter = new FrameSplitter(size);
  const frames = chunks.flatMap((chunk) => splitter.push(chunk));
  return { frames, pending: splitter.pending };
}

describe('FrameSplitter', () => {
  it('takes a stream whole', () => {
    assert.deepEqual(split([STREAM]), { frames: FRAMES, pending: 0 });
  });

  it('takes a stream byte by byte', () => {
    assert.deepEqual(split(Array.from(STREAM, (byte) => Buffer.from([byte]))), { frames: FRAMES, pending: 0 });
  });

  it('takes a stream in two and in three pieces, whatever the split', () => {
    for (let a = 0; a <= STREAM.length; a++) {
      for (let b = a; b <= STREAM.length; b++) {
        const pieces = [STREAM.subarray(0, a), STREAM.subarray(a, b), STREAM.subarray(b)];
        assert.deepEqual(split(pieces), { frames: FRAMES, pending: 0 }, `${a}, ${b}`);
      }
    }
  });

  it('says how much of a frame there is when the stream is cut, at every length', () => {
    for (let length = 0; length <= STREAM.length; length++) {
      const whole = Math.floor(length / SIZE);
      assert.deepEqual(split([STREAM.subarray(0, length)]), { frames: FRAMES.slice(0, whole), pending: length % SIZE });
    }
  });

  it('gives the stream back, for any size and any pieces', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.uint8Array({ maxLength: 50 })), (size, parts) => {
        const chunks = parts.map((part) => Buffer.from(part));
        const stream = Buffer.concat(chunks);
        const { frames, pending } = split(chunks, size);
        assert.ok(frames.every((frame) => frame.length === size));
        assert.deepEqual(Buffer.concat(frames), stream.subarray(0, stream.length - pending));
        assert.ok(pending < size);
      }),
    );
  });

  it('refuses a size that is none', () => {
    for (const size of [0, -1, 1.5, NaN]) assert.throws(() => new FrameSplitter(size), RangeError);
  });
});
