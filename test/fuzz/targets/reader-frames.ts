import assert from 'node:assert/strict';
import { encodeFrameHead, FrameDecoder, MAX_HEAD_BYTES, ProtocolError } from '../../../src/reader/frames.ts';
import type { Frame } from '../../../src/reader/frames.ts';
import { parseClientMessage, parseReaderMessage } from '../../../src/reader/messages.ts';
import { decodeSampleTable, encodeSampleTable, SampleTableError } from '../../../src/samples/codec.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { ByteSource, pieces } from '../oracles/byte-source.ts';
import { unlessRefused } from '../oracles/refusal.ts';

const MOST_BODY = 1 << 16;

/** Frames and messages between the exporter and its reader, and the samples in them. First byte: how it is cut. */
export const READER_FRAMES: FuzzTarget = {
  name: 'reader-frames',
  seeds: frameSeeds,
  tokens: [
    '{"type":"page"',
    '"id":1',
    'null',
    '[]',
    '{',
    '}',
    '"collectors":',
    '"timeoutMs":',
    '"families":[["a",1,1]]',
    '\0\0\0\0',
  ],
  maxBytes: 4096,
  run(input) {
    const source = new ByteSource(input);
    const cut = source.byte();
    const bytes = source.rest();
    const frames = framesOf(bytes, cut);
    // Cut otherwise, it means the same.
    assert.deepEqual(framesOf(bytes, 1), frames);
    // Not what it says it will be, but what has come is held.
    if (bytes.length >= 8 && bytes.readUInt32LE(0) > MAX_HEAD_BYTES) assert.equal(frames, undefined);
    for (const { head, body } of frames ?? []) {
      unlessRefused([ProtocolError], () => parseClientMessage(head));
      unlessRefused([ProtocolError], () => parseReaderMessage(head));
      checkTable(body);
    }
    checkTable(bytes);
  },
};

/** undefined where any of it is refused: then the connection is over. */
function framesOf(bytes: Buffer, cut: number): Frame[] | undefined {
  const decoder = new FrameDecoder(MOST_BODY);
  return unlessRefused([ProtocolError], () => pieces(bytes, cut).flatMap((part) => decoder.push(part)));
}

/** What is taken as a table can be told again. */
function checkTable(bytes: Uint8Array): void {
  const table = unlessRefused([SampleTableError], () => decodeSampleTable(bytes));
  if (table === undefined) return;
  assert.deepEqual(decodeSampleTable(encodeSampleTable(table)), table);
}

function frameSeeds(): Buffer[] {
  const table = encodeSampleTable({
    takenAtSeconds: 2,
    startedAtSeconds: 1,
    texts: ['a', 'b "c"'],
    families: [{ name: 'x', labels: 2, values: Float64Array.of(1, 2), textIds: Uint32Array.of(0, 1, 1, 0) }],
  });
  const messages = [
    { type: 'hello', protocol: 3, version: '1', collectors: ['sysfs'] },
    { type: 'page', id: 1, collectors: null, format: 'text', gzip: true, timeoutMs: 5000, series: 7 },
    { type: 'reloaded', id: 2, ok: true, message: '' },
    { type: 'samples', id: 3, timeoutMs: 1 },
  ];
  const frames = messages.map((head) => Buffer.from(encodeFrameHead(head)));
  const withBody = Buffer.concat([encodeFrameHead({ type: 'samples', id: 4 }, table.length), table]);
  return [
    Buffer.from([0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0x7b]),
    Buffer.concat([Buffer.of(0), ...frames]),
    Buffer.concat([Buffer.of(1), withBody]),
    Buffer.concat([Buffer.of(9), table]),
  ];
}
