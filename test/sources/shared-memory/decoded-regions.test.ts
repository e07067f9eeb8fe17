import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeRegion } from '../../../src/sources/shared-memory/decode.ts';
import { DecodedRegions } from '../../../src/sources/shared-memory/decoded-regions.ts';
import { hashOf } from '../../../src/sources/shared-memory/fingerprint.ts';
import { OPTIONS, regionFixture } from './fixture.ts';

const REMEMBERED = ['v2', 'v3', 'v4'] as const;

/** The same region decoded in two runs: whether the second took what the first had made. */
function isRemembered(first: Buffer, second: Buffer, later = OPTIONS): boolean {
  const regions = new DecodedRegions();
  const one = regions.decode('1:2', first, OPTIONS);
  regions.startRun();
  const other = regions.decode('1:2', second, later);
  assert.deepEqual([other.result, other.hash], [decodeRegion(second, later), hashOf(second)]);
  return other.result === one.result;
}

describe('a region that was decoded', () => {
  test('is the same object while its bytes are the same, and decoded anew when one of them is not', () => {
    for (const name of REMEMBERED) {
      const bytes = regionFixture(name);
      assert.equal(isRemembered(bytes, Buffer.from(bytes)), true, name);
      for (const offset of [8, 48, 856, 8535]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(offset) ^ 1, offset);
        assert.equal(isRemembered(bytes, changed), false, `${name} at ${offset}`);
      }
    }
  });

  test('does not share the memory that it was read into', () => {
    const bytes = regionFixture('v4');
    const regions = new DecodedRegions();
    regions.decode('1:2', bytes, OPTIONS);
    bytes.fill(0);
    regions.startRun();
    assert.equal(regions.decode('1:2', regionFixture('v4'), OPTIONS).result.ok, true);
    assert.equal(regions.decode('1:2', bytes, OPTIONS).result.ok, false);
  });

  test('is another one in another file', () => {
    const regions = new DecodedRegions();
    const one = regions.decode('1:2', regionFixture('v4'), OPTIONS);
    regions.startRun();
    assert.notEqual(regions.decode('1:3', regionFixture('v4'), OPTIONS), one);
  });

  test('is decoded anew where the time of day has a say in it', () => {
    for (const name of ['v1', 'v1-kernel']) {
      assert.equal(isRemembered(regionFixture(name), regionFixture(name)), false, name);
    }
    const bytes = regionFixture('v4');
    const setBack = { ...OPTIONS, clock: { ...OPTIONS.clock, epochSeconds: OPTIONS.clock.epochSeconds - 100_000 } };
    assert.equal(isRemembered(bytes, bytes, setBack), false);
  });

  test('is decoded anew where it is in doubt', () => {
    const bytes = regionFixture('v4');
    bytes.writeBigUInt64LE(5n, 48);
    assert.equal(isRemembered(bytes, bytes), false);
    const implausible = regionFixture('v4');
    implausible.writeBigUInt64LE(2n ** 63n, 48);
    assert.equal(isRemembered(implausible, implausible), false);
  });

  test('is forgotten after a run without it, and not one of too many', () => {
    const regions = new DecodedRegions();
    const bytes = regionFixture('v4');
    const first = regions.decode('1:2', bytes, OPTIONS).result;
    regions.startRun();
    regions.startRun();
    assert.notEqual(regions.decode('1:2', bytes, OPTIONS).result, first);
    const many = new DecodedRegions();
    const made = Array.from({ length: 200 }, (_, ino) => many.decode(`1:${ino}`, bytes, OPTIONS).result);
    many.startRun();
    const again = made.map((result, ino) => many.decode(`1:${ino}`, bytes, OPTIONS).result === result);
    assert.equal(again.filter(Boolean).length, 128);
  });
});
