import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeReport } from '../../src/protocol/decode-report.ts';
import { encodeReport } from '../../src/protocol/encode-report.ts';
import { DIALECTS } from '../../src/protocol/layout.ts';
import { ProtocolError } from '../../src/protocol/protocol-error.ts';
import type { Report } from '../../src/protocol/reports.ts';

const OF = { deviceId: 1, processId: 4242 };
const ID = { bufferId: 0xabcdn };
const AT = { timestamp: 1_700_000_000_000_000_000n };

/** One of each kind, with the type that it has on the wire. */
const REPORTS: readonly [number, Report][] = [
  [1, { kind: 'alloc', ...OF, ...ID, ...AT, bufferType: 3, size: 4096 }],
  [2, { kind: 'free', ...OF, ...ID }],
  [8, { kind: 'cb_alloc', ...OF, ...ID, ...AT, size: 2048 }],
  [9, { kind: 'cb_free', ...OF, ...ID, size: 2048 }],
  [10, { kind: 'kernel_load', ...OF, ...ID, ...AT, kernelKind: 2, size: 512 }],
  [11, { kind: 'kernel_unload', ...OF, ...ID, size: 512 }],
  [
    66,
    {
      kind: 'cb_alloc_cores',
      ...OF,
      ...ID,
      ...AT,
      size: 64,
      cores: { firstX: 1, firstY: 2, lastX: 3, lastY: 4 },
      bytesPerCore: 5,
    },
  ],
  [
    67,
    {
      kind: 'allocator_stats',
      ...OF,
      ...AT,
      bufferType: 1,
      allocatable: 10,
      allocated: 7,
      free: 3,
      largestFreeBlock: 2,
    },
  ],
  [68, { kind: 'alloc_failed', ...OF, ...AT, bufferType: 0, size: 2n ** 60n, largestFreeBlock: 9 }],
];

describe('reports', () => {
  for (const [type, report] of REPORTS) {
    it(`come back: ${report.kind}`, () => {
      const frame = encodeReport('C', report);
      assert.deepEqual([frame.length, frame[0]], [144, type]);
      assert.deepEqual(decodeReport('C', frame), report);
    });
  }

  it('have every field where the tables say', () => {
    const alloc = encodeReport('A', { kind: 'alloc', ...OF, ...ID, ...AT, bufferType: 3, size: 4096 });
    const expected = Buffer.alloc(72);
    expected.writeUInt8(1, 0);
    expected.writeInt32LE(1, 4);
    expected.writeBigUInt64LE(4096n, 8);
    expected.writeUInt8(3, 16);
    expected.writeInt32LE(4242, 20);
    expected.writeBigUInt64LE(0xabcdn, 24);
    expected.writeBigUInt64LE(AT.timestamp, 32);
    assert.deepEqual(alloc, expected);
    const cores = encodeReport('C', REPORTS[6]?.[1] ?? assert.fail());
    assert.equal(cores.subarray(40, 56).toString('hex'), '01000200030004000500000000000000');
    const stats = encodeReport('C', REPORTS[7]?.[1] ?? assert.fail());
    assert.deepEqual(
      [40, 48, 56, 64].map((offset) => stats.readBigUInt64LE(offset)),
      [10n, 7n, 3n, 2n],
    );
  });

  it('are ALLOC and FREE only in dialects A and B', () => {
    for (const [, report] of REPORTS) {
      for (const dialect of ['A', 'B'] as const) {
        if (report.kind === 'alloc' || report.kind === 'free') {
          assert.deepEqual(decodeReport(dialect, encodeReport(dialect, report)), report);
        } else assert.throws(() => encodeReport(dialect, report), ProtocolError);
      }
    }
  });

  it('come back for any values', () => {
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        i32,
        i32,
        u64,
        u64,
        fc.nat(255),
        fc.nat(),
        (deviceId, processId, bufferId, timestamp, bufferType, size) => {
          const report: Report = { kind: 'alloc', deviceId, processId, bufferId, timestamp, bufferType, size };
          assert.deepEqual(decodeReport('B', encodeReport('B', report)), report);
        },
      ),
    );
  });

  it('throw nothing but their own error, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DIALECTS),
        fc.nat(80),
        fc.uint8Array({ maxLength: 150 }),
        (dialect, type, bytes) => {
          const frame = Buffer.from(bytes);
          if (frame.length > 0) frame[0] = type;
          try {
            decodeReport(dialect, frame);
          } catch (error) {
            assert.ok(error instanceof ProtocolError, String(error));
          }
        },
      ),
    );
  });
});
