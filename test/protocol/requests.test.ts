import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { announcedExtension, EXTENSION_BUFFER_ID } from '../../src/protocol/extension.ts';
import { dialectOfSize } from '../../src/protocol/layout.ts';
import { MESSAGE, messageName } from '../../src/protocol/messages.ts';
import {
  encodeDeviceInfoQuery,
  encodeDump,
  encodeProbe,
  encodeQuery,
  encodeSnapshotQuery,
} from '../../src/protocol/requests.ts';
import { ProtocolError } from '../../src/protocol/protocol-error.ts';

/** A frame of that size, zero but for these bytes. */
function frame(size: number, bytes: Readonly<Record<number, number>>): Buffer {
  const result = Buffer.alloc(size);
  for (const [offset, byte] of Object.entries(bytes)) result[Number(offset)] = byte;
  return result;
}

describe('requests', () => {
  it('are frames of the dialect with a type and a device', () => {
    assert.deepEqual(
      [encodeQuery('A', 5), encodeQuery('B', 0), encodeQuery('C', 258)],
      [frame(72, { 0: 3, 4: 5 }), frame(112, { 0: 3 }), frame(144, { 0: 3, 4: 2, 5: 1 })],
    );
    const minusOne = { 4: 255, 5: 255, 6: 255, 7: 255 };
    assert.deepEqual(encodeDeviceInfoQuery('B', 1), frame(112, { 0: 6, 4: 1 }));
    assert.deepEqual(encodeDeviceInfoQuery('C'), frame(144, { 0: 6, ...minusOne }));
    assert.deepEqual(encodeSnapshotQuery(), frame(144, { 0: 64, ...minusOne }));
    assert.deepEqual(encodeDump('A', 'DUMP_REMAINING'), frame(72, { 0: 5 }));
    assert.deepEqual(encodeDump('C', 'DUMP_KERNELS'), frame(144, { 0: 12 }));
  });

  it('probe with 72 bytes that say what they are', () => {
    assert.deepEqual(encodeProbe(), frame(72, { 0: 3, 24: 1, 28: 0x43, 29: 0x41, 30: 0x54, 31: 0x54 }));
  });

  it('refuse a device id that does not fit, by the name of the field', () => {
    for (const id of [2 ** 31, 0.5, NaN]) {
      assert.throws(
        () => encodeQuery('A', id),
        (error) => error instanceof ProtocolError && error.field === 'device_id',
      );
    }
  });
});

describe('the extension', () => {
  it('is announced by TTAC and a version from 1 on', () => {
    assert.equal(EXTENSION_BUFFER_ID, 0x5454414300000001n);
    assert.deepEqual(
      [EXTENSION_BUFFER_ID, EXTENSION_BUFFER_ID + 6n, EXTENSION_BUFFER_ID - 1n, 0n, 1n, 0x5454414400000001n].map(
        announcedExtension,
      ),
      [1, 7, undefined, undefined, undefined, undefined],
    );
  });
});

describe('dialects and types', () => {
  it('are known by size and number', () => {
    assert.deepEqual([72, 112, 144, 0, 71, 128].map(dialectOfSize), ['A', 'B', 'C', undefined, undefined, undefined]);
    assert.deepEqual([1, 12, 13, 64, 68].map(messageName), [
      'ALLOC',
      'DUMP_KERNELS',
      undefined,
      'SNAPSHOT_QUERY',
      'ALLOC_FAILED',
    ]);
    assert.equal(Object.keys(MESSAGE).length, 17);
  });
});
