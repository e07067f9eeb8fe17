import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeRegion } from '../../../src/sources/shared-memory/decode.ts';
import { fixtureBytes, memory, OPTIONS, regionFixture } from './fixture.ts';
import type { Region } from '../../../src/sources/shared-memory/types.ts';

/** What is in every fixture, with its version's differences. */
function fixtureRegion(version: Region['version'], kernel: boolean, epoch: number): Region {
  return {
    version,
    kernelLayout: kernel,
    lastUpdateSeconds: epoch + 3,
    boardSerial: version === 1 ? 0x0100014511700000n : 0n,
    asicId: version === 1 ? 7n : 14251245764n,
    deviceId: 5,
    totals: fixtureBytes(321_000, kernel, 3),
    slots: [
      { pid: 4242, bytes: fixtureBytes(1000, kernel), lastUpdateSeconds: epoch + 1, name: 'python3' },
      { pid: 17, bytes: fixtureBytes(20_000, kernel), lastUpdateSeconds: epoch + 2, name: 'vllm worker' },
      {
        pid: 4_194_304,
        bytes: fixtureBytes(300_000, kernel),
        lastUpdateSeconds: epoch + 3,
        name: 'a name of exactly sixty-three characters, which is what fits in',
      },
    ],
    slotsUsed: 3,
    remoteChips: [{ chipId: 6, bytes: fixtureBytes(900_000, kernel) }],
    disagreement: undefined,
  };
}

/** The oldest builds' 1,000 seconds since boot, on a host that is up for 1,500 seconds. */
const SINCE_BOOT = 1_790_000_100 - 500;

function decoded(bytes: Buffer): Region {
  const result = decodeRegion(bytes, OPTIONS);
  assert.ok(result.ok, result.ok ? '' : result.problem);
  return result.region;
}

describe('every layout is decoded as a compiler lays it out', () => {
  const layouts = [
    { name: 'v1', version: 1, kernel: false, epoch: 1_790_000_000 },
    { name: 'v1-padded', version: 1, kernel: false, epoch: 1_790_000_000 },
    { name: 'v1-kernel', version: 1, kernel: true, epoch: SINCE_BOOT },
    { name: 'v1-kernel-padded', version: 1, kernel: true, epoch: SINCE_BOOT },
    { name: 'v2', version: 2, kernel: false, epoch: 1_790_000_000 },
    { name: 'v3', version: 3, kernel: false, epoch: 1_790_000_000 },
    { name: 'v4', version: 4, kernel: false, epoch: 1_790_000_000 },
  ] as const;
  for (const { name, version, kernel, epoch } of layouts) {
    test(name, () => {
      assert.deepEqual(decodeRegion(regionFixture(name), OPTIONS), {
        ok: true,
        region: fixtureRegion(version, kernel, epoch),
        suspect: false,
        difference: undefined,
        implausible: [],
      });
    });
  }

  test('wherever the bytes lie in a larger buffer', () => {
    const bytes = regionFixture('v4');
    const shifted = Buffer.concat([Buffer.alloc(13, 0xff), bytes, Buffer.alloc(5, 0xff)]).subarray(13, 13 + 8576);
    assert.deepEqual(decoded(shifted), decoded(bytes));
  });
});

describe('what has no layout is not used', () => {
  const READY_SIZES = new Map([
    ['v1', [8576, 8640]],
    ['v1-kernel-padded', [9216, 9280]],
    ['v2', [8576]],
    ['v3', [8576]],
    ['v4', [8576]],
  ]);

  for (const [name, sizes] of READY_SIZES) {
    test(`${name} cut or lengthened at every byte is decoded at its own sizes only`, () => {
      const whole = Buffer.concat([regionFixture(name), Buffer.alloc(9400)]).subarray(0, 9400);
      for (let size = 0; size <= whole.length; size++) {
        const result = decodeRegion(whole.subarray(0, size), OPTIONS);
        const status = result.ok ? 'decoded' : result.status;
        if (sizes.includes(size)) assert.equal(status, 'decoded', `${size} bytes`);
        else if (size < 8576) assert.equal(status, 'initializing', `${size} bytes`);
        else if (name.startsWith('v1') && [8576, 8640, 9216, 9280].includes(size)) continue;
        else assert.equal(status, 'unsupported', `${size} bytes`);
      }
    });
  }

  test('a region of version 1 with kernels that a later writer has cut short is unsupported', () => {
    assert.deepEqual(decodeRegion(regionFixture('v1-kernel').subarray(0, 8576), OPTIONS), {
      ok: false,
      status: 'unsupported',
      problem:
        'version 1, and its process slots do not add up to its totals: maybe a layout with kernel counters that a ' +
        'later TT-Metal has cut short. Remove the file once no TT-Metal process runs on the chip',
      suspect: true,
    });
  });

  test('so is one whose only bytes are kernels, where all the totals that it shares are 0', () => {
    const bytes = regionFixture('v1-kernel').subarray(0, 8576);
    bytes.fill(0, 48, 88);
    for (let slot = 992; slot < 8576; slot += 128) bytes.fill(0, slot + 8, Math.min(slot + 48, 8576));
    const result = decodeRegion(bytes, OPTIONS);
    assert.equal(result.ok ? 'decoded' : result.status, 'unsupported');
  });

  test('a version 1 of that size is read where it adds up, even to nothing', () => {
    const bytes = regionFixture('v1');
    bytes.fill(0, 48);
    assert.deepEqual(decoded(bytes).totals, memory({}));
  });

  test('a version 1 of that size with a negative PID or a total that is no size is unsupported', () => {
    const releasing = regionFixture('v1');
    releasing.writeInt32LE(-1, 856);
    const wrapped = regionFixture('v1');
    wrapped.writeBigUInt64LE(2n ** 64n - 5n, 48);
    for (const bytes of [releasing, wrapped]) {
      const result = decodeRegion(bytes, OPTIONS);
      assert.equal(result.ok ? 'decoded' : result.status, 'unsupported');
    }
  });

  test('so is one with bytes where no writer of the plain layout puts any', () => {
    const padding = regionFixture('v1');
    padding.writeUInt32LE(1, 856 + 4);
    const free = regionFixture('v1');
    free.writeBigUInt64LE(1n, 856 + 2 * 120 + 40);
    for (const bytes of [padding, free]) {
      const result = decodeRegion(bytes, OPTIONS);
      assert.equal(result.ok ? 'decoded' : result.status, 'unsupported');
    }
  });

  test('an unknown version is unsupported, whatever its size', () => {
    for (const size of [4, 100, 8576, 9280, 60_000]) {
      const bytes = Buffer.alloc(size);
      bytes.writeUInt32LE(5);
      assert.deepEqual(decodeRegion(bytes, OPTIONS), {
        ok: false,
        status: 'unsupported',
        problem: 'layout version 5: only 1 to 4 are known; a newer exporter may read it',
        suspect: false,
      });
    }
  });

  test('a region that is empty, short or all zero waits for its writer', () => {
    for (const size of [0, 1, 3, 4, 8575, 8576, 9280]) {
      const result = decodeRegion(Buffer.alloc(size), OPTIONS);
      assert.equal(result.ok ? 'decoded' : result.status, 'initializing', `${size} bytes`);
    }
  });

  test('zeros beyond every size are unsupported', () => {
    assert.deepEqual(decodeRegion(Buffer.alloc(9281), OPTIONS), {
      ok: false,
      status: 'unsupported',
      problem: 'no version with more than 9280 bytes: no known layout has that size, so none of it is used',
      suspect: false,
    });
  });

  test('init_state counts in version 4 only', () => {
    const states = [0, 1, 0x52454459, 7].map((state) =>
      ['v2', 'v3', 'v4'].map((name) => {
        const bytes = regionFixture(name);
        bytes.writeUInt32LE(state, 8536);
        const result = decodeRegion(bytes, OPTIONS);
        return result.ok ? 'decoded' : result.status;
      }),
    );
    assert.deepEqual(states, [
      ['decoded', 'decoded', 'initializing'],
      ['decoded', 'decoded', 'initializing'],
      ['decoded', 'decoded', 'decoded'],
      ['decoded', 'decoded', 'unsupported'],
    ]);
  });
});

describe('what is not believable is left out and named', () => {
  test('a counter above the limit, wherever it is', () => {
    const bytes = regionFixture('v3');
    bytes.writeBigUInt64LE(2n ** 64n - 1n, 56);
    bytes.writeBigUInt64LE(64n * 2n ** 30n + 1n, 856 + 24);
    bytes.writeBigUInt64LE(2n ** 53n + 1n, 88 + 48 + 8);
    const result = decodeRegion(bytes, OPTIONS);
    assert.ok(result.ok);
    assert.deepEqual(result.implausible, ['total l1', 'slot 0 l1_small', 'chip_stats 1 dram']);
    assert.equal(result.region.totals.l1, undefined);
    assert.deepEqual(result.region.slots[0]?.bytes, { ...fixtureBytes(1000, false), l1_small: undefined });
    assert.deepEqual(result.region.remoteChips, [
      { chipId: 6, bytes: { ...fixtureBytes(900_000, false), dram: undefined } },
    ]);
  });

  test('a counter at the limit is a size', () => {
    const bytes = regionFixture('v3');
    bytes.writeBigUInt64LE(64n * 2n ** 30n, 48);
    assert.equal(decoded(bytes).totals.dram, 64 * 2 ** 30);
  });

  test('the kernel counter of its layout too', () => {
    const bytes = regionFixture('v1-kernel');
    bytes.writeBigUInt64LE(2n ** 63n, 88);
    const result = decodeRegion(bytes, OPTIONS);
    assert.ok(result.ok);
    assert.deepEqual(result.implausible, ['total kernel']);
  });

  test('a PID that Linux cannot give is nobody: the slot is used, and its bytes stay in the total', () => {
    const bytes = regionFixture('v4');
    bytes.writeInt32LE(-2, 856);
    bytes.writeInt32LE(4_194_305, 856 + 120);
    const result = decodeRegion(bytes, OPTIONS);
    assert.ok(result.ok);
    assert.deepEqual(result.implausible, ['slot 0 pid', 'slot 1 pid']);
    assert.deepEqual(
      [result.region.slotsUsed, result.region.slots.length, result.region.totals],
      [3, 1, fixtureBytes(321_000, false, 3)],
    );
  });

  test('a slot that is being released keeps its bytes', () => {
    const bytes = regionFixture('v4');
    bytes.writeInt32LE(-1, 856);
    assert.deepEqual(decoded(bytes).slots[0], {
      pid: -1,
      bytes: fixtureBytes(1000, false),
      lastUpdateSeconds: 1_790_000_001,
      name: 'python3',
    });
  });
});

describe('entries of chip_stats', () => {
  test('are those of remote chips, and nothing of them is in the totals', () => {
    const bytes = regionFixture('v2');
    bytes.writeUInt32LE(0, 88 + 48 + 4);
    assert.deepEqual(decoded(bytes).remoteChips, []);
    bytes.writeUInt32LE(1, 88 + 4);
    const region = decoded(bytes);
    assert.deepEqual(region.remoteChips, [{ chipId: 5, bytes: memory({ dram: 11 }) }]);
    assert.equal(region.totals.dram, 321_003);
  });

  test('an unused one is not a chip, whatever its flag says', () => {
    const bytes = regionFixture('v3');
    bytes.writeUInt32LE(1, 88 + 2 * 48 + 4);
    assert.equal(decoded(bytes).remoteChips.length, 1);
  });
});

describe('totals and slots that do not fit', () => {
  test('the larger of the two is the total, by type, and the difference is said', () => {
    const bytes = regionFixture('v3');
    bytes.writeBigUInt64LE(7n, 48 + 32);
    bytes.writeBigUInt64LE(400_000n, 48);
    const result = decodeRegion(bytes, OPTIONS);
    assert.ok(result.ok);
    assert.deepEqual(
      [result.suspect, result.difference, result.region.disagreement, result.region.totals],
      [
        true,
        'dram 78997; cb -321008',
        'cb: total 7 bytes, slots 321015',
        { ...fixtureBytes(321_000, false, 3), dram: 400_000 },
      ],
    );
  });

  test('a total above its slots is as usual up to version 3, and worth a second look in version 4', () => {
    const suspects = ['v1-padded', 'v1-kernel', 'v2', 'v3', 'v4'].map((name) => {
      const bytes = regionFixture(name);
      bytes.writeBigUInt64LE(400_000n, 48);
      const result = decodeRegion(bytes, OPTIONS);
      return result.ok && [name, result.suspect, result.region.disagreement];
    });
    assert.deepEqual(suspects, [
      ['v1-padded', false, undefined],
      ['v1-kernel', false, undefined],
      ['v2', false, undefined],
      ['v3', false, undefined],
      ['v4', true, undefined],
    ]);
  });

  test('a total that is not believable is not replaced by its slots', () => {
    const bytes = regionFixture('v3');
    bytes.writeBigUInt64LE(2n ** 64n - 1n, 48);
    assert.equal(decoded(bytes).totals.dram, undefined);
  });
});

describe('timestamps', () => {
  /** lastUpdateSeconds of a fixture whose header and first slot have this timestamp. */
  function read(name: string, nanoseconds: bigint): (number | undefined)[] {
    const bytes = regionFixture(name);
    bytes.writeBigUInt64LE(nanoseconds, 8);
    bytes.writeBigUInt64LE(nanoseconds, name.includes('kernel') ? 992 + 56 : 856 + 48);
    const region = decoded(bytes);
    return [region.lastUpdateSeconds, region.slots[0]?.lastUpdateSeconds];
  }

  test('0 is unknown', () => {
    assert.deepEqual(read('v4', 0n), [undefined, undefined]);
  });

  test('a count since boot is one in version 1 only', () => {
    assert.deepEqual(read('v1', 1_400_000_000_000n), [1_790_000_000, 1_790_000_000]);
    assert.deepEqual(read('v2', 1_400_000_000_000n), [undefined, undefined]);
  });

  test('a count since boot that is longer than the host is up is unknown', () => {
    assert.deepEqual(read('v1-kernel', 1_501_000_000_000n), [undefined, undefined]);
  });

  test('an hour ahead is a clock that was set back, a year ahead and 2^64 - 1 are unknown', () => {
    assert.deepEqual(read('v3', 1_790_003_700_000_000_000n), [1_790_003_700, 1_790_003_700]);
    assert.deepEqual(read('v3', 1_830_000_000_000_000_000n), [undefined, undefined]);
    assert.deepEqual(read('v3', 2n ** 64n - 1n), [undefined, undefined]);
  });
});

describe('names', () => {
  function nameOf(bytes: Uint8Array): string | undefined {
    const region = regionFixture('v4');
    region.fill(0, 856 + 56, 856 + 120);
    region.set(bytes, 856 + 56);
    return decoded(region).slots[0]?.name;
  }

  test('an unterminated name ends with its 64 bytes', () => {
    assert.equal(nameOf(Buffer.alloc(64, 'x')), 'x'.repeat(64));
  });

  test('what is behind the terminator is not part of it', () => {
    assert.equal(nameOf(Buffer.from('new\0older')), 'new');
    assert.equal(nameOf(Buffer.alloc(64)), '');
  });

  test('UTF-8 is read, and a character that the end cuts is replaced', () => {
    assert.equal(nameOf(Buffer.from('größe')), 'größe');
    assert.equal(
      nameOf(Buffer.concat([Buffer.alloc(62, 'x'), Buffer.from('😀').subarray(0, 2)])),
      `${'x'.repeat(62)}\ufffd`,
    );
  });

  test('bytes that are not UTF-8, control and direction characters are replaced one by one', () => {
    assert.equal(nameOf(Buffer.from([0x61, 0xff, 0xfe, 0x62])), 'a\ufffd\ufffdb');
    assert.equal(nameOf(Buffer.from('a\nb\x1b[31m\x7f')), 'a\ufffdb\ufffd[31m\ufffd');
    assert.equal(nameOf(Buffer.from('a\u202eb\u2028c')), 'a\ufffdb\ufffdc');
  });
});
