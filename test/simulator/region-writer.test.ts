import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RegionWriter } from '../../src/simulator/region-writer.ts';
import { decodeRegion } from '../../src/sources/shared-memory/decode.ts';
import { memory, OPTIONS, regionFixture } from '../sources/shared-memory/fixture.ts';
import type { RegionWriterOptions } from '../../src/simulator/region-writer.ts';
import type { Region } from '../../src/sources/shared-memory/types.ts';

const EPOCH = 1_790_000_000;
const CHIP = 14251245764n;

/** A number of 32 bits as the file has it. */
function u32(path: string, offset: number): number {
  return fs.readFileSync(path).readUInt32LE(offset);
}

process.umask(0o022);

const REFERENCES = 16;
const ACTIVE = 4;

describe('a simulated writer', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'writer-'));
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  let count = 0;
  let seconds = 0;

  function newPath(): string {
    return join(folder, `tt_device_${++count}_memory`);
  }

  /** Its clock goes on by a second with each look at it. */
  function open(
    path: string,
    version: RegionWriterOptions['version'],
    more: Partial<RegionWriterOptions> = {},
  ): RegionWriter {
    seconds = 0;
    const now = (): bigint => BigInt(EPOCH + ++seconds) * 1_000_000_000n;
    return RegionWriter.open(path, { version, chipId: CHIP, deviceId: 5, now, ...more });
  }

  function decoded(path: string): Region {
    const result = decodeRegion(fs.readFileSync(path), OPTIONS);
    assert.ok(result.ok, result.ok ? '' : result.problem);
    return result.region;
  }

  test('makes, byte for byte, what a compiler makes of the struct', () => {
    const layouts = [
      ['v1', 1, {}],
      ['v1-padded', 1, { padded: true }],
      ['v1-kernel', 1, { kernelLayout: true }],
      ['v1-kernel-padded', 1, { kernelLayout: true, padded: true }],
      ['v2', 2, {}],
      ['v3', 3, {}],
      ['v4', 4, {}],
    ] as const;
    for (const [name, version, more] of layouts) {
      const path = newPath();
      const kernel = 'kernelLayout' in more;
      const chipId = version === 1 ? (0x0100014511700000n << 8n) | 7n : CHIP;
      const writer = open(path, version, { chipId, now: () => 0n, ...more });
      // Slots are given from the front: the fixture's last process gets the last one.
      const pids = [4242, 17, ...Array.from({ length: 61 }, (_, index) => 1000 + index), 4_194_304];
      const names = new Map([
        [4242, 'python3'],
        [17, 'vllm worker'],
        [4_194_304, 'a name of exactly sixty-three characters, which is what fits in'],
      ]);
      for (const pid of pids) {
        writer.attach(pid, names.get(pid) ?? '');
        writer.allocate(pid, 'l1', 0);
      }
      for (const pid of pids) if (!names.has(pid)) writer.detach(pid);
      for (const [pid, base] of [
        [4242, 1000],
        [17, 20_000],
        [4_194_304, 300_000],
      ] as const) {
        writer.allocate(pid, 'dram', base + 10);
        writer.free(pid, 'dram', 9);
        writer.allocate(pid, 'l1', base + 2);
        writer.allocate(pid, 'l1_small', base + 3);
        writer.allocate(pid, 'trace', base + 4);
        writer.allocate(pid, 'cb', base + 5);
        if (kernel) writer.allocate(pid, 'kernel', base + 6);
      }
      writer.die();
      // The fixtures have chip_stats and times of their own.
      const made = fs.readFileSync(path);
      const expected = regionFixture(name);
      for (const bytes of [made, expected]) {
        bytes.fill(0, 8, 16);
        bytes.fill(0, kernel ? 96 + 8 : 88 + 8, kernel ? 992 : 856);
        for (let slot = 0; slot < 64; slot++) {
          const at = kernel ? 992 + 128 * slot + 56 : 856 + 120 * slot + 48;
          bytes.fill(0, at, at + 8);
        }
      }
      assert.ok(made.equals(expected), name);
    }
  });

  test('creates its file for its user alone, in version 1 for all, and keeps its descriptor until the last process leaves', () => {
    const path = newPath();
    const writer = open(path, 4);
    assert.equal(fs.statSync(path).mode & 0o777, 0o600);
    assert.equal(fs.fstatSync(writer.descriptor).ino, fs.statSync(path).ino);
    writer.attach(1, 'one');
    writer.attach(2, 'two');
    writer.detach(1);
    assert.equal(fs.fstatSync(writer.descriptor).ino, fs.statSync(path).ino);
    writer.detach(2);
    assert.throws(() => writer.descriptor, /holds the region no more/);
    const old = newPath();
    open(old, 1).die();
    assert.equal(fs.statSync(old).mode & 0o777, 0o644);
  });

  test('of version 4 has its slot from the attach, and gives it back with its bytes', () => {
    const path = newPath();
    const writer = open(path, 4);
    writer.attach(7, 'seven');
    assert.deepEqual(decoded(path).slots, [{ pid: 7, bytes: memory({}), lastUpdateSeconds: EPOCH + 2, name: 'seven' }]);
    writer.attach(8, 'eight');
    writer.allocate(7, 'dram', 100);
    writer.allocate(8, 'dram', 23);
    writer.setCb(8, 50);
    writer.setCb(8, 40);
    assert.deepEqual(decoded(path).totals, memory({ dram: 123, cb: 40 }));
    writer.detach(7);
    const region = decoded(path);
    assert.deepEqual([region.totals, region.slotsUsed], [memory({ dram: 23, cb: 40 }), 1]);
    assert.equal(region.lastUpdateSeconds, EPOCH + seconds);
    assert.deepEqual([u32(path, REFERENCES), u32(path, ACTIVE)], [1, 1]);
    writer.die();
  });

  test('up to version 3 has its slot from its first allocation, and leaves its name and time behind', () => {
    for (const version of [1, 2, 3] as const) {
      const path = newPath();
      const writer = open(path, version);
      const other = open(path, version);
      other.attach(9, 'other');
      writer.attach(7, 'seven');
      assert.deepEqual([decoded(path).slotsUsed, u32(path, REFERENCES)], [0, 2]);
      writer.allocate(7, 'l1', 100);
      const moment = decoded(path).lastUpdateSeconds;
      writer.detach(7);
      const region = decoded(path);
      assert.deepEqual([region.totals, region.slotsUsed, region.lastUpdateSeconds], [memory({}), 0, moment]);
      assert.equal(fs.readFileSync(path).toString('latin1', 856 + 56, 856 + 61), 'seven');
      other.die();
    }
  });

  test('up to version 3 says for all circular buffers what the last process has', () => {
    const path = newPath();
    const writer = open(path, 3);
    writer.attach(7, 'seven');
    writer.attach(8, 'eight');
    for (const pid of [7, 8]) writer.allocate(pid, 'dram', 1);
    writer.setCb(7, 300);
    writer.setCb(8, 100);
    const region = decoded(path);
    assert.deepEqual([region.totals.cb, region.disagreement], [400, 'cb: total 100 bytes, slots 400']);
    writer.die();
  });

  test('that dies leaves its bytes, and one with the same PID adopts them', () => {
    for (const version of [1, 2, 3, 4] as const) {
      const path = newPath();
      const first = open(path, version);
      first.attach(7, 'seven');
      first.allocate(7, 'dram', 100);
      first.die();
      assert.throws(() => {
        first.allocate(7, 'dram', 1);
      }, /holds the region no more/);
      const second = open(path, version);
      second.attach(7, 'again');
      second.allocate(7, 'dram', 20);
      const region = decoded(path);
      assert.deepEqual(
        region.slots.map(({ pid, bytes, name }) => [pid, bytes.dram, name]),
        [[7, 120, 'seven']],
      );
      assert.equal(u32(path, REFERENCES), version === 4 ? 1 : 2);
      second.die();
    }
  });

  test('of version 4 takes the slots of the dead away, also of the living that it cannot see', () => {
    const path = newPath();
    const first = open(path, 4);
    first.attach(7, 'seven');
    first.allocate(7, 'dram', 100);
    const second = open(path, 4);
    second.attach(8, 'eight');
    second.allocate(8, 'dram', 5);
    second.reap(() => false);
    assert.deepEqual(
      decoded(path).slots.map(({ pid }) => pid),
      [8],
    );
    assert.deepEqual(decoded(path).totals, memory({ dram: 5 }));
    first.allocate(7, 'dram', 1);
    assert.deepEqual(decoded(path).totals, memory({ dram: 6 }));
    first.die();
    second.die();
  });

  test('that is killed while it releases its slot leaves it at -1, with its bytes', () => {
    const path = newPath();
    const writer = open(path, 4);
    writer.attach(7, 'seven');
    writer.allocate(7, 'dram', 100);
    writer.dieReleasing(7);
    assert.deepEqual(decoded(path).slots, [
      { pid: -1, bytes: memory({ dram: 100 }), lastUpdateSeconds: EPOCH + seconds, name: 'seven' },
    ]);
  });

  test('finds no slot behind 64 others: version 4 counts nothing for it, older ones in the total', () => {
    for (const version of [3, 4] as const) {
      const path = newPath();
      const writer = open(path, version);
      for (let pid = 1; pid <= 65; pid++) {
        writer.attach(pid, 'many');
        writer.allocate(pid, 'dram', 10);
      }
      const region = decoded(path);
      assert.deepEqual([region.slotsUsed, region.totals.dram], [64, version === 4 ? 640 : 650]);
      writer.die();
    }
  });

  test('up to version 3 counts its references wrongly where others died or began anew', () => {
    const path = newPath();
    const writer = open(path, 3);
    writer.attach(7, 'seven');
    writer.raw.setU32(REFERENCES, 0);
    writer.detach(7);
    assert.equal(u32(path, REFERENCES), 4_294_967_295);
  });

  test('empties the totals when it believes to be the last', () => {
    for (const version of [1, 3, 4] as const) {
      const path = newPath();
      const writer = open(path, version);
      writer.attach(7, 'seven');
      writer.allocate(7, 'dram', 10);
      writer.raw.setU64(48, 1000n);
      writer.detach(7);
      assert.deepEqual(decoded(path).totals, memory({}), `version ${version}`);
    }
  });

  test('of version 4 that comes to a region of nobody empties the totals that others left', () => {
    const path = newPath();
    const writer = open(path, 4);
    writer.raw.setU64(48, 1000n);
    writer.attach(7, 'seven');
    assert.deepEqual(decoded(path).totals, memory({}));
    writer.die();
  });

  test('stops a counter at 0', () => {
    const path = newPath();
    const writer = open(path, 4);
    writer.attach(7, 'seven');
    writer.allocate(7, 'dram', 10);
    writer.free(7, 'dram', 11);
    assert.deepEqual(decoded(path).totals, memory({}));
    writer.die();
  });

  test('of version 4 that has begun to initialise is not ready until it has finished', () => {
    const path = newPath();
    const writer = open(path, 4);
    writer.beginInit();
    const begun = decodeRegion(fs.readFileSync(path), OPTIONS);
    assert.deepEqual(begun.ok ? 'decoded' : begun.problem.split(':')[0], 'init_state 1');
    writer.finishInit();
    assert.deepEqual(decoded(path).slots, []);
    writer.die();
  });

  test('cuts a region of another version to its own size, and refuses it', () => {
    const path = newPath();
    open(path, 1, { kernelLayout: true }).die();
    assert.equal(fs.statSync(path).size, 9216);
    assert.throws(() => open(path, 4), { message: `${path}: a region of version 1, which version 4 does not share` });
    assert.equal(fs.statSync(path).size, 8576);
  });

  test('registers remote chips', () => {
    const path = newPath();
    const writer = open(path, 4, { isRemote: true });
    writer.registerChip(6, true);
    writer.registerChip(7, false);
    writer.attach(1, 'one');
    writer.allocate(1, 'dram', 10);
    assert.deepEqual(decoded(path).remoteChips, [
      { chipId: 5, bytes: memory({ dram: 10 }) },
      { chipId: 6, bytes: memory({}) },
    ]);
    writer.die();
  });

  test('counts kernels only where its layout has them', () => {
    const path = newPath();
    const writer = open(path, 1, { kernelLayout: true });
    writer.attach(1, 'one');
    writer.allocate(1, 'kernel', 10);
    assert.deepEqual(decoded(path).totals, memory({ kernel: 10 }));
    writer.die();
    const other = open(newPath(), 4);
    assert.throws(() => {
      other.allocate(1, 'kernel', 10);
    }, /only the kernel layout/);
    other.die();
  });
});
