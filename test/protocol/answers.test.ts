import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  encodeDeviceInfoResponse,
  encodeResponse,
  encodeSnapshotHeader,
  writeRing,
} from '../../src/protocol/answers.ts';
import { decodeDeviceInfoResponse, decodeResponse, decodeSnapshotHeader } from '../../src/protocol/decode-answers.ts';
import { FrameSplitter } from '../../src/protocol/framing.ts';
import { DIALECTS, FRAME_BYTES } from '../../src/protocol/layout.ts';
import { ProtocolError } from '../../src/protocol/protocol-error.ts';

const TOTALS = { dram: 1, l1: 2, l1Small: 3, trace: 4, cb: 5, kernel: 6 };
const DEVICE = {
  totalDramSize: 12 * 2 ** 30,
  totalL1Size: 91.5 * 2 ** 20,
  archType: 2,
  dramChannels: 6,
  dramSizePerChannel: 2 ** 31,
  l1SizePerCore: 1_499_136,
  isAvailable: 1,
  numDevices: 0,
};
const RING = { totalSize: 68_000, usedBytes: 1234, programs: 7 };
const NEAR_2_64 = 2n ** 64n - 4096n;

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => (value < 2n ** 53n ? Number(value) : value));
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const deviceId = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const deviceFields = fc.record({
  totalDramSize: u64,
  totalL1Size: u64,
  archType: u32,
  dramChannels: u32,
  dramSizePerChannel: u32,
  l1SizePerCore: u32,
  isAvailable: u32,
  numDevices: u32,
});

/** Every decoder of answers, by the frame that it takes. */
const DECODERS = [
  ...DIALECTS.map((dialect) => ({
    name: `RESPONSE of ${dialect}`,
    frame: encodeResponse(dialect, 3, TOTALS),
    decode: (frame: Buffer): unknown => decodeResponse(dialect, frame, 3),
  })),
  ...(['B', 'C'] as const).map((dialect) => ({
    name: `DEVICE_INFO_RESPONSE of ${dialect}`,
    frame: encodeDeviceInfoResponse(dialect, 3, DEVICE, { ring: RING }),
    decode: (frame: Buffer): unknown => decodeDeviceInfoResponse(dialect, frame, 3),
  })),
  { name: 'SNAPSHOT_RESPONSE', frame: encodeSnapshotHeader(99, 5n), decode: decodeSnapshotHeader },
];

describe('answers', () => {
  it('have every field where the tables say', () => {
    const response = encodeResponse('C', 1, { ...TOTALS, kernel: NEAR_2_64 });
    const u64s = [40, 48, 56, 64, 72, 80].map((offset) => response.readBigUInt64LE(offset));
    assert.deepEqual([response[0], response.readInt32LE(4), ...u64s], [4, 1, 1n, 2n, 3n, 4n, 5n, NEAR_2_64]);
    for (const [dialect, start] of [
      ['B', 72],
      ['C', 88],
    ] as const) {
      const info = encodeDeviceInfoResponse(dialect, -1, { ...DEVICE, numDevices: 4 });
      const u32s = [16, 20, 24, 28, 32, 36].map((offset) => info.readUInt32LE(start + offset));
      assert.deepEqual(
        [info[0], info.readInt32LE(4), info.readBigUInt64LE(start), info.readBigUInt64LE(start + 8), ...u32s],
        [7, -1, 12n << 30n, 95_944_704n, 2, 6, 2 ** 31, 1_499_136, 1, 4],
      );
    }
    const ring = Buffer.alloc(144);
    writeRing(ring, RING);
    assert.deepEqual(
      [128, 132, 136].map((offset) => ring.readUInt32LE(offset)),
      [68_000, 1234, 7],
    );
    const header = encodeSnapshotHeader(4711, 5n);
    assert.deepEqual(
      [header.length, header[0], header.readBigUInt64LE(8), header.readBigUInt64LE(32)],
      [144, 65, 4711n, 5n],
    );
  });

  it('come back whole, in every dialect', () => {
    const totals = { deviceId: 3, dram: 1, l1: 2, l1Small: 3, trace: 4, ring: undefined };
    assert.deepEqual(
      DIALECTS.map((dialect) => decodeResponse(dialect, encodeResponse(dialect, 3, TOTALS), 3)),
      [
        { ...totals, cb: undefined, kernel: undefined },
        { ...totals, cb: undefined, kernel: undefined },
        { ...totals, cb: 5, kernel: 6 },
      ],
    );
    const info = { deviceId: 3, bufferId: 0n, timestamp: 0n, ...DEVICE };
    const both = (['B', 'C'] as const).map((dialect) =>
      decodeDeviceInfoResponse(dialect, encodeDeviceInfoResponse(dialect, 3, DEVICE, { ring: RING }), 3),
    );
    assert.deepEqual(both, [
      { ...info, ring: undefined },
      { ...info, ring: RING },
    ]);
    assert.deepEqual(decodeSnapshotHeader(encodeSnapshotHeader(99, 5n)), { documentBytes: 99, timestamp: 5n });
  });

  it('come back for any values', () => {
    fc.assert(
      fc.property(deviceId, u64, u64, deviceFields, (id, dram, kernel, fields) => {
        const response = decodeResponse('C', encodeResponse('C', id, { ...TOTALS, dram, kernel }), id);
        assert.deepEqual([response.dram, response.kernel], [dram, kernel]);
        for (const dialect of ['B', 'C'] as const) {
          const announcement = { bufferId: 7n, timestamp: 8n };
          const frame = encodeDeviceInfoResponse(dialect, id, fields, { announcement });
          const expected = { deviceId: id, ...announcement, ...fields, ring: undefined };
          assert.deepEqual(decodeDeviceInfoResponse(dialect, frame, id), expected);
        }
      }),
    );
  });

  it('name the field that is wrong', () => {
    const cases: [string, (frame: Buffer) => void][] = [
      ['type', (frame) => frame.writeUInt8(6, 0)],
      ['pad at 1', (frame) => frame.writeUInt8(1, 3)],
      ['device_id', (frame) => frame.writeInt32LE(4, 4)],
      ['pad at 17', (frame) => frame.writeUInt8(1, 17)],
    ];
    for (const [field, spoil] of cases) {
      const frame = encodeResponse('B', 3, TOTALS);
      spoil(frame);
      assert.throws(
        () => decodeResponse('B', frame, 3),
        (error) => error instanceof ProtocolError && error.field === field,
        field,
      );
    }
  });

  for (const { name, frame, decode } of DECODERS) {
    it(`cut ${name} at no length but its own`, () => {
      const expected = decode(frame);
      const long = Buffer.concat([frame, Buffer.alloc(8)]);
      for (let length = 0; length <= long.length; length++) {
        const cut = long.subarray(0, length);
        if (length === frame.length) assert.deepEqual(decode(cut), expected);
        else
          assert.throws(
            () => decode(cut),
            (error) => error instanceof ProtocolError && error.field === 'frame',
          );
      }
    });

    it(`read ${name} out of a stream, byte by byte and at every split`, () => {
      const expected = [decode(frame), decode(frame)];
      const stream = Buffer.concat([frame, frame]);
      for (let at = 0; at <= stream.length; at++) {
        const splitter = new FrameSplitter(frame.length);
        const pieces =
          at === 0 ? Array.from(stream, (byte) => Buffer.from([byte])) : [stream.subarray(0, at), stream.subarray(at)];
        assert.deepEqual(pieces.flatMap((piece) => splitter.push(piece)).map(decode), expected);
      }
    });

    it(`throw nothing but their own error for any ${name}`, () => {
      const any = fc.oneof(
        fc.uint8Array({ maxLength: 160 }).map((bytes) => Buffer.from(bytes)),
        fc.array(fc.tuple(fc.nat(frame.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
          const changed = Buffer.from(frame);
          for (const [offset, byte] of changes) changed[offset] = byte;
          return changed;
        }),
      );
      fc.assert(
        fc.property(any, (bytes) => {
          try {
            decode(bytes);
          } catch (error) {
            assert.ok(error instanceof ProtocolError, String(error));
          }
        }),
      );
    });
  }

  it('refuse to encode what does not fit', () => {
    const fields: [string, () => unknown][] = [
      ['dram_allocated', () => encodeResponse('A', 0, { ...TOTALS, dram: 2n ** 64n })],
      ['l1_allocated', () => encodeResponse('A', 0, { ...TOTALS, l1: -1 })],
      ['trace_allocated', () => encodeResponse('A', 0, { ...TOTALS, trace: 2 ** 60 })],
      ['arch_type', () => encodeDeviceInfoResponse('B', 0, { ...DEVICE, archType: 2 ** 32 })],
    ];
    for (const [field, encode] of fields) {
      assert.throws(encode, (error) => error instanceof ProtocolError && error.field === field, field);
    }
    assert.equal(FRAME_BYTES.A, 72);
  });
});
