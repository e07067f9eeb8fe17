import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attachMarkOf, fingerprintOf, hashOf } from '../../../src/sources/shared-memory/fingerprint.ts';
import { regionFixture } from './fixture.ts';

const CHANGED_AT = 1_790_000_000_000.25;
const LATER = CHANGED_AT + 60_000;

/** Of the bytes and st_ctime, as it is taken at a moment. */
function fingerprintAt(bytes: Buffer, ctimeMs: number, nowMs: number): string {
  return fingerprintOf(hashOf(bytes), attachMarkOf(ctimeMs, nowMs));
}

describe('a fingerprint', () => {
  const bytes = regionFixture('v4');
  const fingerprint = fingerprintAt(bytes, CHANGED_AT, LATER);

  test('is the same for the same bytes and st_ctime, whenever it is taken', () => {
    assert.equal(fingerprintAt(Buffer.from(bytes), CHANGED_AT, LATER + 1000), fingerprint);
  });

  test('is another one after each change of a single bit, and of two equal bits', () => {
    const seen = new Set([fingerprint]);
    for (let offset = 0; offset < bytes.length; offset++) {
      for (const pair of [0, 4, 8, 400]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(offset) ^ 0x80, offset);
        const other = offset + pair;
        if (pair > 0 && other < bytes.length) changed.writeUInt8(changed.readUInt8(other) ^ 0x80, other);
        else if (pair > 0) continue;
        seen.add(fingerprintAt(changed, CHANGED_AT, LATER));
      }
    }
    assert.equal(seen.size, 1 + 8576 + 8572 + 8568 + 8176);
  });

  test('is another one for every length', () => {
    const zeros = Buffer.alloc(100);
    const seen = new Set(
      Array.from({ length: 101 }, (_, size) => fingerprintAt(zeros.subarray(0, size), CHANGED_AT, LATER)),
    );
    assert.equal(seen.size, 101);
  });

  test('is another one after an attach, which moves st_ctime alone', () => {
    assert.notEqual(fingerprintAt(bytes, CHANGED_AT + 4, LATER), fingerprint);
  });

  test('never comes twice while st_ctime is so young that an attach would not move it', () => {
    const young = [0, 3, 19].map((age) => fingerprintAt(bytes, CHANGED_AT, CHANGED_AT + age));
    assert.equal(new Set([...young, fingerprint]).size, 4);
  });

  test('is as usual where the clock was set back', () => {
    assert.equal(fingerprintAt(bytes, CHANGED_AT, CHANGED_AT - 60_000), fingerprint);
  });
});
