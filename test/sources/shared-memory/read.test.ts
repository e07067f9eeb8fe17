import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { DecodedRegions } from '../../../src/sources/shared-memory/decoded-regions.ts';
import { BoundedTexts } from '../../../src/sources/bounded-texts.ts';
import { decodeRegion } from '../../../src/sources/shared-memory/decode.ts';
import { readRegion } from '../../../src/sources/shared-memory/read.ts';
import { OPTIONS, regionFixture } from './fixture.ts';
import type { ReadError } from '../../../src/sources/source.ts';
import type { RegionEntry } from '../../../src/sources/shared-memory/list.ts';
import type { RegionReadContext } from '../../../src/sources/shared-memory/read.ts';
import type { RegionReading, RegionStatus } from '../../../src/sources/shared-memory/types.ts';

const NOT_A_FILE = 'is not a regular file, so no TT-Metal process made it: remove it';

describe('reading a region from its file', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'regions-'));
  let errors: ReadError[] = [];
  let context: RegionReadContext = newContext();
  let next = 0n;
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    errors = [];
    context = newContext();
  });

  function newContext(): RegionReadContext {
    return { decode: OPTIONS, decoded: new DecodedRegions(), errors, linked: new Set(), names: new BoundedTexts(100) };
  }

  function newEntry(special = false): RegionEntry {
    next++;
    return { path: join(folder, `tt_device_${next}_memory`), nameId: next, special };
  }

  function entryWith(bytes: Uint8Array): RegionEntry {
    const entry = newEntry();
    fs.writeFileSync(entry.path, bytes);
    return entry;
  }

  /** What a reading says of a file whose bytes were not looked at. */
  function refusal(entry: RegionEntry, status: RegionStatus, problem: string): RegionReading {
    const { dev, ino, uid } = fs.lstatSync(entry.path);
    return {
      path: entry.path,
      nameId: entry.nameId,
      namespaces: undefined,
      file: { dev, ino },
      ownerUid: uid,
      attachMark: undefined,
      fingerprint: undefined,
      status,
      problem: `${entry.path} ${problem}`,
      region: undefined,
    };
  }

  test('gives what is decoded, with the file, its owner and its fingerprint', () => {
    const bytes = regionFixture('v4');
    const entry = entryWith(bytes);
    fs.chownSync(entry.path, process.getuid?.() === 0 ? 1234 : (process.getuid?.() ?? 0), process.getgid?.() ?? 0);
    const reading = readRegion(entry, context);
    const decoded = decodeRegion(bytes, OPTIONS);
    assert.ok(decoded.ok && reading !== undefined);
    const { dev, ino, uid } = fs.lstatSync(entry.path);
    assert.deepEqual(reading, {
      path: entry.path,
      nameId: entry.nameId,
      namespaces: undefined,
      file: { dev, ino },
      ownerUid: uid,
      attachMark: reading.attachMark,
      fingerprint: reading.fingerprint,
      status: 'decoded',
      problem: undefined,
      region: decoded.region,
    });
    assert.match(reading.fingerprint ?? '', /^\d/);
    assert.ok(reading.attachMark !== undefined && reading.fingerprint?.startsWith(`${reading.attachMark}:`));
    assert.deepEqual(errors, []);
  });

  test('says what keeps a region from being used, and counts it unless it may still become one', () => {
    const seen = [Buffer.alloc(0), Buffer.alloc(8576), Buffer.alloc(8576, 9), Buffer.alloc(9281, 1)].map((bytes) => {
      const entry = entryWith(bytes);
      const reading = readRegion(entry, context);
      assert.ok(reading?.problem !== undefined && reading.problem.startsWith(`${entry.path}: `));
      assert.ok(reading.fingerprint !== undefined && reading.region === undefined);
      return [reading.status, errors.splice(0).map(({ reason, message }) => [reason, message === reading.problem])];
    });
    assert.deepEqual(seen, [
      ['initializing', []],
      ['initializing', []],
      ['unsupported', [['unsupported', true]]],
      ['unsupported', [['unsupported', true]]],
    ]);
  });

  test('does not look into a file of more than 64 KiB', () => {
    const entry = entryWith(regionFixture('v4'));
    fs.truncateSync(entry.path, 65_537);
    const expected = refusal(entry, 'unsupported', 'has 65537 bytes: no region is that large');
    assert.deepEqual(readRegion(entry, context), expected);
    assert.deepEqual(errors, [{ reason: 'unsupported', message: expected.problem }]);
  });

  test('names each field that is not believable, and no more than some of them', () => {
    const few = regionFixture('v3');
    few.writeBigUInt64LE(2n ** 64n - 1n, 48);
    const one = entryWith(few);
    assert.equal(readRegion(one, context)?.status, 'decoded');
    const noise = Buffer.alloc(8576, 0x77);
    noise.writeUInt32LE(3);
    const all = entryWith(noise);
    assert.equal(readRegion(all, context)?.status, 'decoded');
    assert.deepEqual(errors[0], {
      reason: 'implausible_value',
      message: `${one.path}: total dram is not believable and left out`,
    });
    assert.equal(errors.length, 1 + 17);
    assert.deepEqual(errors.at(-1), {
      reason: 'implausible_value',
      message: `${all.path}: 133 more fields are not believable and left out`,
    });
  });

  describe('of what is no regular file', () => {
    const kinds: Record<string, (path: string) => void> = {
      FIFO: (path) => execFileSync('mkfifo', [path]),
      directory: (path) => {
        fs.mkdirSync(path);
      },
      'symbolic link': (path) => {
        fs.symlinkSync(entryWith(regionFixture('v4')).path, path);
      },
      'symbolic link to nowhere': (path) => {
        fs.symlinkSync('/nowhere', path);
      },
    };
    for (const [kind, create] of Object.entries(kinds)) {
      for (const special of [true, false]) {
        test(`a ${kind} is untrusted and not waited for, ${special ? 'told by' : 'unseen in'} the listing`, () => {
          const entry = newEntry(special);
          create(entry.path);
          const expected = refusal(entry, 'untrusted', NOT_A_FILE);
          assert.deepEqual(readRegion(entry, context), expected);
          assert.deepEqual(errors, [{ reason: 'untrusted', message: expected.problem }]);
        });
      }
    }

    test('a socket is untrusted', async () => {
      const entry = newEntry();
      const server = createServer();
      server.listen(entry.path);
      await once(server, 'listening');
      try {
        assert.deepEqual(readRegion(entry, context), refusal(entry, 'untrusted', NOT_A_FILE));
      } finally {
        server.close();
        await once(server, 'close');
      }
    });
  });

  test('gives nothing where the file has gone since it was listed', () => {
    assert.equal(readRegion(newEntry(), context), undefined);
    assert.deepEqual(errors, []);
  });

  test('takes a file that has shrunk since it was listed for one that is not filled yet', () => {
    const entry = entryWith(regionFixture('v4'));
    fs.truncateSync(entry.path, 5000);
    assert.equal(readRegion(entry, context)?.status, 'initializing');
  });

  test('reads a region with two names once', () => {
    const first = entryWith(regionFixture('v4'));
    const second = newEntry();
    fs.linkSync(first.path, second.path);
    assert.equal(readRegion(first, context)?.status, 'decoded');
    assert.deepEqual(
      readRegion(second, context),
      refusal(second, 'untrusted', 'is a second name of a region that is read already: remove it'),
    );
  });

  test('moves the fingerprint with an attach that changes no byte', () => {
    const entry = entryWith(regionFixture('v4'));
    const before = readRegion(entry, context)?.fingerprint;
    fs.truncateSync(entry.path, 8576);
    assert.notEqual(readRegion(entry, context)?.fingerprint, before);
  });

  test('leaves no descriptor open, whatever it met', () => {
    const entries = fs.readdirSync(folder).map((name) => ({ path: join(folder, name), nameId: 1n, special: false }));
    const open = (): number => fs.readdirSync('/proc/self/fd').length;
    const before = open();
    for (let round = 0; round < 20; round++) for (const entry of entries) readRegion(entry, context);
    assert.ok(entries.length > 10);
    assert.equal(open(), before);
  });
});
