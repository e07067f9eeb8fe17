import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageStream } from '../../../src/allocation-server/stream/message-stream.ts';
import { encodeReport } from '../../../src/protocol/encode-report.ts';
import { DIALECTS, FRAME_BYTES } from '../../../src/protocol/layout.ts';
import type { Dialect } from '../../../src/protocol/layout.ts';

/** What a stream makes of these chunks: `type size` of each message, `lost` for each gap. */
function readChunks(chunks: readonly Buffer[], silentAtEnd: boolean): { seen: string[]; dialect: Dialect | undefined } {
  const seen: string[] = [];
  const stream = new MessageStream({
    message: (bytes, offset, frameBytes) => {
      seen.push(`${bytes.getUint8(offset)} ${bytes.getBigUint64(offset + 24, true)} ${frameBytes}`);
    },
    outOfStep: () => seen.push('lost'),
  });
  for (const chunk of chunks) stream.push(chunk);
  if (silentAtEnd) stream.settle();
  return { seen, dialect: stream.dialect };
}

function frames(dialect: Dialect, ids: readonly bigint[]): Buffer[] {
  const of = { deviceId: 1, processId: 4711 };
  return ids.map((bufferId, index) =>
    index % 3 === 1
      ? encodeReport(dialect, { kind: 'free', ...of, bufferId })
      : encodeReport(dialect, { kind: 'alloc', ...of, bufferId, bufferType: 1, size: 2048, timestamp: 2n ** 60n }),
  );
}

function expected(dialect: Dialect, ids: readonly bigint[]): string[] {
  return ids.map((id, index) => `${index % 3 === 1 ? 2 : 1} ${id} ${FRAME_BYTES[dialect]}`);
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}

const dialects = fc.constantFrom(...DIALECTS);
const ids = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 12 });

test('two frames of any dialect are understood, cut at every single place', () => {
  for (const dialect of DIALECTS) {
    const bytes = Buffer.concat(frames(dialect, [5n, 6n]));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { seen } = readChunks(cutAt(bytes, [cut]), true);
      assert.deepEqual(seen, expected(dialect, [5n, 6n]), `dialect ${dialect} cut at ${cut}`);
    }
  }
});

test('any frames of any dialect are understood, however they are cut', () => {
  fc.assert(
    fc.property(dialects, ids, fc.array(fc.nat(), { maxLength: 40 }), (dialect, some, cuts) => {
      const { seen } = readChunks(cutAt(Buffer.concat(frames(dialect, some)), cuts), true);
      assert.deepEqual(seen, expected(dialect, some));
    }),
  );
});

test('a single frame of A or B waits for silence, one of C for nothing', () => {
  const understood = DIALECTS.map((dialect) => {
    const one = frames(dialect, [9n]);
    return [readChunks(one, false).seen.length, readChunks(one, true).seen.length];
  });
  assert.deepEqual(understood, [
    [0, 1],
    [0, 1],
    [1, 1],
  ]);
});

test('what is behind any rubbish is understood again, and the rubbish is one gap', () => {
  // No byte of it can begin a message: types end at 12, and at 64 to 68.
  const rubbish = fc.uint8Array({ minLength: 1, maxLength: 500, min: 128 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(dialects, dialects, rubbish, fc.array(fc.nat(), { maxLength: 20 }), (before, after, waste, cuts) => {
      const bytes = Buffer.concat([...frames(before, [1n, 2n]), waste, ...frames(after, [3n, 4n])]);
      const { seen, dialect } = readChunks(cutAt(bytes, cuts), true);
      assert.deepEqual(seen, [...expected(before, [1n, 2n]), 'lost', ...expected(after, [3n, 4n])]);
      assert.equal(dialect, after);
    }),
  );
});

test('a message of an unknown type in the middle is passed on whole, and the stream stays in step', () => {
  const [first, second, third] = frames('C', [1n, 2n, 3n]);
  second?.writeUInt8(99, 0);
  const { seen } = readChunks([Buffer.concat([first, second, third].filter((frame) => frame !== undefined))], false);
  assert.deepEqual(seen, ['1 1 144', '99 2 144', '1 3 144']);
});

test('of a stream that begins in the middle of a frame, as after a crash of the server before, the first whole frame is found', () => {
  for (const dialect of DIALECTS) {
    const bytes = Buffer.concat(frames(dialect, [70n, 71n, 72n]));
    for (let missing = 1; missing < FRAME_BYTES[dialect]; missing++) {
      const { seen } = readChunks([bytes.subarray(missing)], true);
      assert.deepEqual(
        seen.slice(-2),
        expected(dialect, [70n, 71n, 72n]).slice(1),
        `${dialect} without ${missing} bytes`,
      );
    }
  }
});

test('whatever comes, nothing is thrown and less than one frame is held', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (chunks) => {
      const stream = new MessageStream({ message: () => undefined, outOfStep: () => undefined });
      for (const chunk of chunks) {
        stream.push(Buffer.from(chunk));
        assert.ok(stream.state.rest.length < FRAME_BYTES.C);
      }
    }),
  );
});

test('a stream goes on from its state where another one stopped', () => {
  const bytes = Buffer.concat(frames('B', [1n, 2n, 3n]));
  const sink = { message: () => undefined, outOfStep: () => undefined };
  const stopped = new MessageStream(sink);
  stopped.push(bytes.subarray(0, 250));
  const ids: bigint[] = [];
  const next = new MessageStream(
    { ...sink, message: (view, offset) => ids.push(view.getBigUint64(offset + 24, true)) },
    stopped.state,
  );
  next.push(bytes.subarray(250));
  assert.deepEqual(ids, [3n]);
});
