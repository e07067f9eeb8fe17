import assert from 'node:assert/strict';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { MessageStream } from '../../../src/allocation-server/stream/message-stream.ts';
import { encodeReport } from '../../../src/protocol/encode-report.ts';
import type { Report } from '../../../src/protocol/reports.ts';
import { alloc, free, NOW } from '../../allocation-server/books/frames.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { ByteSource, pieces } from '../oracles/byte-source.ts';
import { checkBooks } from '../oracles/books.ts';

const PIDS = [1, 2];
const LIMITS = { devices: 8, devicesAProcess: 6, buffersAProcess: 50 };

/**
 * What clients send to tt-allocation-server, through stream, books, document and the exporter's client to the page. First
 * byte: how it is cut.
 */
export const SERVER_STREAM: FuzzTarget = {
  name: 'server-stream',
  seeds: streamSeeds,
  tokens: ['\x01\0\0\0', '\x02\0\0\0', '\x08\0\0\0', '\x40\0\0\0', '\x42\0\0\0', '\0'.repeat(32), '\xff'.repeat(8)],
  maxBytes: 4096,
  run(input) {
    const source = new ByteSource(input);
    const cut = source.byte();
    const bytes = source.rest();
    const books = new AllocationBooks(LIMITS);
    books.setTime(NOW);
    const handles = PIDS.map((pid) => books.open(`${pid}`, { pid, partial: false }) ?? -1);
    const frames = framesOf(bytes, cut);
    // Rubbish may be taken for something else where it is cut elsewhere, but never for more than there is.
    const taken = frames.reduce((sum, frame) => sum + frame.length, 0);
    assert.ok(taken <= bytes.length, `${taken} of ${bytes.length} bytes`);
    for (const frame of frames) {
      books.apply(handles[frame.length % handles.length] ?? -1, new DataView(frame.buffer, frame.byteOffset), 0);
    }
    checkBooks(books);
  },
};

function framesOf(bytes: Buffer, cut: number): Buffer[] {
  const frames: Buffer[] = [];
  const stream = new MessageStream({
    message: (view, offset, size) => {
      frames.push(Buffer.from(Buffer.from(view.buffer, view.byteOffset + offset, size)));
    },
    outOfStep: () => undefined,
  });
  for (const part of pieces(bytes, cut)) {
    stream.push(Buffer.from(part));
    assert.ok(stream.state.rest.length <= 2 * 144, `${stream.state.rest.length} bytes are held`);
  }
  stream.settle();
  return frames;
}

/** Reports of each dialect: a cut is named in front. */
export function streamSeeds(): Buffer[] {
  const reports: Report[] = [
    alloc(),
    alloc({ bufferId: 2n, bufferType: 1, size: 2 ** 40 }),
    free(),
    { kind: 'cb_alloc', deviceId: 1, processId: 1, bufferId: 9n, size: 64, timestamp: 5n },
    { kind: 'cb_free', deviceId: 1, processId: 1, bufferId: 9n, size: 64 },
  ];
  return (['A', 'B', 'C'] as const).map((dialect, index) => {
    const known = dialect === 'C' ? reports : reports.slice(0, 3);
    return Buffer.concat([Buffer.of([0, 1, 70][index] ?? 0), ...known.map((report) => encodeReport(dialect, report))]);
  });
}
