import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { HEADER } from '../../../src/protocol/layout.ts';
import { DOCUMENT_TYPES } from '../../../src/protocol/snapshot-document.ts';
import { NOW } from './frames.ts';
import { takeSnapshot } from './take-snapshot.ts';

const U64_FIELDS = [HEADER.size, HEADER.bufferId, HEADER.timestamp, 40, 48, 56, 64];

/** Any bytes, of which the given ones are made zero: more of them get further. */
const rubbish = fc
  .record({
    bytes: fc.uint8Array({ minLength: 72, maxLength: 72 }),
    type: fc.constantFrom(1, 1, 2, 8, 9, 10, 11, 66, 67, 68, 0, 255),
    bufferType: fc.nat(5),
    zeros: fc.subarray(['pads', 'upperHalves', 'device', 'id', 'body']),
  })
  .map(({ bytes, type, bufferType, zeros }) => {
    const frame = new DataView(bytes.slice().buffer);
    const clear = (offset: number, length: number): void => {
      for (let at = offset; at < offset + length; at++) frame.setUint8(at, 0);
    };
    if (zeros.includes('pads')) for (const offset of [HEADER.type, HEADER.bufferType]) clear(offset, 4);
    if (zeros.includes('upperHalves')) for (const at of U64_FIELDS) clear(at + 3, 5);
    if (zeros.includes('device')) clear(HEADER.deviceId, 4);
    if (zeros.includes('id')) clear(HEADER.bufferId, 8);
    if (zeros.includes('body')) clear(40, 32);
    frame.setUint8(HEADER.type, type);
    frame.setUint8(HEADER.bufferType, bufferType);
    return frame;
  });

describe('rubbish in the shape of frames', () => {
  it('leaves books that agree with themselves, and a document that readers take', () => {
    fc.assert(
      fc.property(fc.array(rubbish, { minLength: 1, maxLength: 80, size: 'max' }), (frames) => {
        const books = new AllocationBooks({ devices: 8, devicesAProcess: 6, buffersAProcess: 20 });
        books.setTime(NOW);
        const processes = [1, 2].map((pid) => books.open(`${pid}`, { pid, partial: false }) ?? -1);
        for (const [turn, frame] of frames.entries()) books.apply(processes[turn % 2] ?? -1, frame, 0);
        const { devices, server } = takeSnapshot(books);
        const remaining = [...books.remainingBuffers()];
        for (const { id, liveBytes, processes } of devices) {
          for (const type of DOCUMENT_TYPES) {
            const held = processes.reduce((sum, process) => sum + (process.liveBytes[type] ?? 0), 0);
            const listed = remaining.filter((buffer) => buffer.deviceId === id && buffer.type === type);
            assert.equal(liveBytes[type] ?? 0, held);
            if (type === 'cb' || type === 'kernel') continue;
            assert.equal(
              held,
              listed.reduce((sum, { size }) => sum + size, 0),
            );
          }
        }
        const counts = [...Object.values(server.messages), ...Object.values(server.rejectedMessages)];
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          frames.length,
        );
        assert.ok(devices.length <= 8);
      }),
    );
  });
});
