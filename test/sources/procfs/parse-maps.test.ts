import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { decodeDevice, encodeDevice, parseDriverMajor } from '../../../src/sources/procfs/device-number.ts';
import { mappedFileKey } from '../../../src/sources/procfs/parse-maps.ts';
import { fileKey } from '../../../src/sources/source.ts';

test('a mapping names its file by device and inode, as stat() does', () => {
  const line =
    '7f0a4a200000-7f0a4a203000 rw-s 00000000 00:19 77                         /dev/shm/tt_device_7_memory (deleted)';
  assert.equal(mappedFileKey(line), '25:77');
  assert.equal(
    mappedFileKey('00400000-00452000 r-xp 00000000 fd:1a2b3 4611686018427387904 /x'),
    '438369715:4611686018427388000',
  );
  assert.equal(mappedFileKey('7f0a4a200000-7f0a4a203000 rw-s 00000000 00:19 77'), '25:77');
});

test('memory without a file, and what is no line of maps, name nothing', () => {
  for (const line of [
    '7ffc0-7ffc1 rw-p 00000000 00:00 0  [stack]',
    '',
    '00:19 77',
    '7f-7f rw-s 0 00:19 x /a',
    '\\012 00:19 77',
  ]) {
    assert.equal(mappedFileKey(line), undefined, line);
  }
});

test('the mapping of the running program is found under what stat() says of it', () => {
  const lines = readFileSync('/proc/self/maps', 'latin1').split('\n');
  const { dev } = statSync('/dev/shm');
  assert.equal(encodeDevice(decodeDevice(dev).major, decodeDevice(dev).minor), dev);
  const inodes = lines.map((line) => mappedFileKey(line)?.split(':')[1]);
  assert.ok(inodes.includes(fileKey(statSync(process.execPath)).split(':')[1]));
});

test('a device number survives being split and put together', () => {
  fc.assert(
    fc.property(fc.nat(0xfff), fc.nat(0xfffff), (major, minor) => {
      const device = encodeDevice(major, minor);
      assert.ok(device >= 0 && Number.isSafeInteger(device));
      assert.deepEqual(decodeDevice(device), { major, minor });
    }),
  );
  const { rdev } = statSync('/dev/null');
  assert.deepEqual(decodeDevice(rdev), { major: 1, minor: 3 });
});

test('no text makes the parser of maps throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (start, end) => {
      mappedFileKey(start + end);
      mappedFileKey(`7f0-7f1 rw-s 0 00:19 77 ${end}`);
      mappedFileKey(`${start} rw-s 0 00:19 77 ${end}`);
    }),
  );
});

test('the major number is that of the driver among the character devices', () => {
  assert.equal(parseDriverMajor('Character devices:\n  1 mem\n236 tenstorrent\n\nBlock devices:\n254 virtblk\n'), 236);
  assert.equal(parseDriverMajor('Character devices:\n  1 mem\n\nBlock devices:\n254 tenstorrent\n'), undefined);
  assert.equal(parseDriverMajor('Character devices:\n  9 xtenstorrent\n'), undefined);
  assert.equal(parseDriverMajor(''), undefined);
});
