import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeRegion } from '../../../src/sources/shared-memory/decode.ts';
import { hashOf } from '../../../src/sources/shared-memory/fingerprint.ts';
import { settle } from '../../../src/sources/shared-memory/settle.ts';
import { OPTIONS, regionFixture } from './fixture.ts';

/** The fixture with this total of DRAM: its slots hold 321,003. */
function withDram(name: string, total: bigint): Buffer {
  const bytes = regionFixture(name);
  bytes.writeBigUInt64LE(total, 48);
  return bytes;
}

/** What settling makes of the readings, and how many of them it took. */
function settled(first: Buffer, second: Buffer): unknown {
  let reads = 0;
  const { hash, result, torn } = settle(
    (reading) => {
      reads++;
      return reading === 0 ? first : second;
    },
    (bytes) => ({ result: decodeRegion(bytes, OPTIONS), hash: hashOf(bytes) }),
  );
  assert.equal(hash, hashOf(reads === 1 ? first : second));
  return { reads, torn, result: result.ok ? [result.region.totals.dram, result.region.disagreement] : result.status };
}

describe('a region is read a second time', () => {
  const whole = regionFixture('v4');

  test('not where its sums are right', () => {
    assert.deepEqual(settled(whole, Buffer.alloc(0)), { reads: 1, torn: false, result: [321_003, undefined] });
  });

  test('where a total is less than its slots: an allocation that was written in between is then whole', () => {
    for (const name of ['v2', 'v3', 'v4']) {
      assert.deepEqual(settled(withDram(name, 5n), regionFixture(name)), {
        reads: 2,
        torn: false,
        result: [321_003, undefined],
      });
    }
  });

  test('and keeps a difference that lasts, which is no torn read', () => {
    assert.deepEqual(settled(withDram('v3', 5n), withDram('v3', 5n)), {
      reads: 2,
      torn: false,
      result: [321_003, 'dram: total 5 bytes, slots 321003'],
    });
    assert.deepEqual(settled(withDram('v4', 400_000n), withDram('v4', 400_000n)), {
      reads: 2,
      torn: false,
      result: [400_000, undefined],
    });
  });

  test('and is torn where it differs by other bytes each time', () => {
    assert.deepEqual(settled(withDram('v4', 5n), withDram('v4', 6n)), {
      reads: 2,
      torn: true,
      result: [321_003, 'dram: total 6 bytes, slots 321003'],
    });
  });

  test('where a version 1 of 8,576 bytes does not add up: only then it is unsupported', () => {
    assert.deepEqual(settled(withDram('v1', 5n), regionFixture('v1')), {
      reads: 2,
      torn: false,
      result: [321_003, undefined],
    });
    assert.deepEqual(settled(withDram('v1', 5n), withDram('v1', 6n)), { reads: 2, torn: false, result: 'unsupported' });
  });

  test('and may have been cut in between', () => {
    assert.deepEqual(settled(withDram('v4', 5n), Buffer.alloc(0)), { reads: 2, torn: false, result: 'initializing' });
  });

  test('not where it is unsupported or waits for its writer', () => {
    for (const [bytes, result] of [
      [Buffer.alloc(100), 'initializing'],
      [Buffer.alloc(100, 7), 'unsupported'],
    ] as const) {
      assert.deepEqual(settled(bytes, whole), { reads: 1, torn: false, result });
    }
  });
});
