import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MEMORY_TYPES } from '../../../src/snapshot/memory-types.ts';
import { decodeRegion } from '../../../src/sources/shared-memory/decode.ts';
import { OPTIONS, regionFixture } from './fixture.ts';
import type { MemoryBytes } from '../../../src/snapshot/memory-types.ts';

const FIXTURES = ['v1', 'v1-padded', 'v1-kernel', 'v1-kernel-padded', 'v2', 'v3', 'v4'].map(regionFixture);

function assertSizes(bytes: Readonly<MemoryBytes>, kernel: boolean): void {
  assert.deepEqual(Object.keys(bytes), [...MEMORY_TYPES]);
  for (const type of MEMORY_TYPES) {
    const size = bytes[type];
    assert.ok(size === undefined || (Number.isSafeInteger(size) && size >= 0), `${type} ${size}`);
  }
  if (!kernel) assert.equal(bytes.kernel, undefined);
}

function assertSeconds(seconds: number | undefined): void {
  if (seconds === undefined) return;
  assert.ok(Number.isFinite(seconds) && seconds > 0 && seconds <= OPTIONS.clock.epochSeconds + 86_400, `${seconds}`);
}

/** Decodes, and asserts that whatever comes is one of the answers that the types promise. */
function assertSound(bytes: Buffer): void {
  const before = Buffer.from(bytes);
  const result = decodeRegion(bytes, OPTIONS);
  assert.ok(before.equals(bytes));
  if (!result.ok) {
    assert.ok(result.problem.length > 10);
    return;
  }
  const { region } = result;
  assertSizes(region.totals, region.kernelLayout);
  assertSeconds(region.lastUpdateSeconds);
  assert.ok(region.slots.length <= region.slotsUsed && region.slotsUsed <= 64);
  for (const slot of region.slots) {
    assertSizes(slot.bytes, region.kernelLayout);
    assertSeconds(slot.lastUpdateSeconds);
    assert.ok(slot.pid === -1 || (slot.pid > 0 && slot.pid <= 4_194_304));
    assert.ok(slot.name.length <= 64 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(slot.name));
    for (const type of MEMORY_TYPES) {
      const total = region.totals[type];
      assert.ok(total === undefined || total >= (slot.bytes[type] ?? 0));
    }
  }
  assert.ok(region.remoteChips.length <= 16);
  for (const chip of region.remoteChips) assertSizes(chip.bytes, region.kernelLayout);
}

describe('whatever the bytes are, decoding gives a region of believable numbers or says what is wrong', () => {
  test('random bytes of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9400 }), (bytes) => {
        assertSound(Buffer.from(bytes));
      }),
      { numRuns: 300 },
    );
  });

  test('random bytes behind the header of each version, at each size', () => {
    const sizes = fc.constantFrom(8576, 8640, 9216, 9280);
    const noise = fc.uint8Array({ minLength: 997, maxLength: 997 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), sizes, noise, (version, size, seed) => {
        const bytes = Buffer.alloc(size, seed);
        bytes.writeUInt32LE(version);
        bytes.writeUInt32LE(0x52454459, 8536);
        assertSound(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test('fields of a valid region overwritten by anything', () => {
    const change = fc.record({
      offset: fc.nat(9272),
      value: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 1n, 2n ** 64n - 1n, 2n ** 53n)),
    });
    fc.assert(
      fc.property(fc.constantFrom(...FIXTURES), fc.array(change, { maxLength: 40 }), (fixture, changes) => {
        const bytes = Buffer.from(fixture);
        for (const { offset, value } of changes) {
          const at = 4 * Math.floor(offset / 4);
          if (at + 8 <= bytes.length) bytes.writeBigUInt64LE(value, at);
        }
        assertSound(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  test('a valid region that comes byte by byte over what was there before', () => {
    for (const [index, fixture] of FIXTURES.entries()) {
      const bytes = Buffer.from(FIXTURES[(index + 1) % FIXTURES.length] ?? fixture).subarray(0, 8576);
      for (let end = 0; end < bytes.length; end++) {
        bytes[end] = fixture[end] ?? 0;
        assertSound(bytes);
      }
    }
  });
});
