import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeFrameHead, FrameDecoder, MAX_HEAD_BYTES, ProtocolError } from '../../src/reader/frames.ts';
import type { Frame } from '../../src/reader/frames.ts';

const MAX_BODY = 1000;

function frameBytes(head: object, body: Uint8Array = new Uint8Array(0)): Buffer {
  return Buffer.concat([encodeFrameHead(head, body.length), body]);
}

function decoded(chunks: readonly Uint8Array[]): { head: unknown; body: string }[] {
  const decoder = new FrameDecoder(MAX_BODY);
  const frames: Frame[] = [];
  for (const chunk of chunks) frames.push(...decoder.push(chunk));
  return frames.map(({ head, body }) => ({ head, body: Buffer.from(body).toString('latin1') }));
}

const STREAM = Buffer.concat([
  frameBytes({ type: 'a' }),
  frameBytes({ type: 'b', text: 'ü€' }, Buffer.from('body of b')),
  frameBytes({}, Buffer.alloc(MAX_BODY, 'x')),
  frameBytes({ type: 'c' }),
]);
const FRAMES = [
  { head: { type: 'a' }, body: '' },
  { head: { type: 'b', text: 'ü€' }, body: 'body of b' },
  { head: {}, body: 'x'.repeat(MAX_BODY) },
  { head: { type: 'c' }, body: '' },
];

describe('the frames of the reader protocol', () => {
  it('are put together from the whole, from single bytes, and from any two pieces', () => {
    assert.deepEqual(decoded([STREAM]), FRAMES);
    assert.deepEqual(decoded(Array.from(STREAM, (byte) => Uint8Array.of(byte))), FRAMES);
    for (let cut = 0; cut <= STREAM.length; cut++) {
      assert.deepEqual(decoded([STREAM.subarray(0, cut), STREAM.subarray(cut)]), FRAMES);
    }
  });

  it('are put together from pieces of any sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 20 }), (sizes) => {
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) chunks.push(STREAM.subarray(at, (at += size)));
        assert.deepEqual(decoded([...chunks, STREAM.subarray(at)]), FRAMES);
      }),
    );
  });

  it('are waited for when the stream is cut, at every length', () => {
    const one = frameBytes({ type: 'b' }, Buffer.from('body'));
    for (let length = 0; length < one.length; length++) assert.deepEqual(decoded([one.subarray(0, length)]), []);
  });

  it('are refused where they are too large, empty or no JSON', () => {
    const prefix = (head: number, body: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32LE(head, 0);
      bytes.writeUInt32LE(body, 4);
      return bytes;
    };
    assert.throws(() => decoded([prefix(0, 0)]), ProtocolError);
    assert.throws(() => decoded([prefix(MAX_HEAD_BYTES + 1, 0)]), ProtocolError);
    assert.throws(() => decoded([prefix(2, MAX_BODY + 1)]), ProtocolError);
    assert.throws(() => decoded([prefix(2, 0), Buffer.from('{x')]), ProtocolError);
    assert.throws(() => encodeFrameHead({ text: 'x'.repeat(MAX_HEAD_BYTES) }), ProtocolError);
  });

  it('are never anything but frames or a ProtocolError, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
        try {
          decoded(chunks);
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
        }
      }),
    );
  });
});
