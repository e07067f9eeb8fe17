import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  parseAer,
  parseDeviceNumber,
  parseHexWord,
  parseId,
  parseInteger,
  parseLinkSpeed,
  parseU32,
  parseVersion,
  parseWord,
} from '../../../src/sources/sysfs/parse.ts';

function table<T>(parse: (text: string) => T, cases: readonly (readonly [string, T])[]): void {
  assert.deepEqual(
    cases.map(([text]) => [text, parse(text)]),
    cases,
  );
}

test('integers are decimal, whole, and exact', () => {
  table(parseInteger, [
    ['41187\n', 41187],
    ['0\n', 0],
    ['-1\n', -1],
    ['-0\n', 0],
    ['4294967295', 4294967295],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', undefined],
    ['99999999999999999999', undefined],
    ['', undefined],
    ['\n', undefined],
    ['-', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    [' 1', undefined],
    ['1 2', undefined],
  ]);
});

test('a 32-bit counter has no sign and no more than 32 bits', () => {
  table(parseU32, [
    ['4294967295\n', 4294967295],
    ['4294967296\n', undefined],
    ['-1\n', undefined],
  ]);
});

test('PCI ids have a prefix and up to four hex digits', () => {
  table(parseHexWord, [
    ['0x1e52\n', 0x1e52],
    ['0xB140', 0xb140],
    ['0x0', 0],
    ['1e52', undefined],
    ['0x', undefined],
    ['0x1e523', undefined],
    ['0x1g', undefined],
  ]);
});

test('serials are 16 hex digits', () => {
  table(parseId, [
    ['010001861180B479\n', 0x010001861180b479n],
    ['FFFFFFFFFFFFFFFF', 0xffffffffffffffffn],
    ['10001861180B479', undefined],
    ['010001861180B4790', undefined],
    ['010001861180B47G', undefined],
    ['', undefined],
  ]);
});

test('versions have three or four numbers', () => {
  table(parseVersion, [
    ['19.10.0.0\n', '19.10.0.0'],
    ['255.15.4095\n', '255.15.4095'],
    ['7.2', undefined],
    ['1.2.3.4.5', undefined],
    ['1..2.3', undefined],
    ['1.2.3.', undefined],
    ['1.2.3.4096', undefined],
    ['a.b.c', undefined],
    ['', undefined],
  ]);
});

test('names of boards and versions are one plain word', () => {
  table(parseWord, [
    ['p150a\n', 'p150a'],
    ['2.7.0-rc1\n', '2.7.0-rc1'],
    ['two words', undefined],
    ['"quote', undefined],
    ['\u00e4', undefined],
    ['x'.repeat(65), undefined],
    ['\n', undefined],
  ]);
});

test('a device number is a major and a minor', () => {
  table(parseDeviceNumber, [
    ['236:31\n', { major: 236, minor: 31 }],
    ['236', undefined],
    [':1', undefined],
    ['236:', undefined],
  ]);
});

test('a link speed is in transfers per second', () => {
  table(parseLinkSpeed, [
    ['32.0 GT/s PCIe\n', 32e9],
    ['2.5 GT/s PCIe\n', 2.5e9],
    ['8 GT/s\n', 8e9],
    ['Unknown\n', undefined],
    ['Unknown speed\n', undefined],
    ['0.0 GT/s\n', undefined],
    ['16.00 GT/s', undefined],
    ['9999.0 GT/s', undefined],
    [' GT/s', undefined],
    ['x.0 GT/s', undefined],
  ]);
});

test('AER lines are split on the last space, totals are left out, duplicates added up', () => {
  const text = 'RxErr 1\nData Link Protocol 2\naer_bit[3] 4\nRxErr 5\nTOTAL_ERR_COR 12\n\nnonsense\nName x\n 7\n';
  assert.deepEqual(parseAer(text), {
    counts: [
      { error: 'RxErr', count: 6 },
      { error: 'Data Link Protocol', count: 2 },
      { error: 'aer_bit[3]', count: 4 },
    ],
    malformedLines: 3,
  });
});

test('no bytes make a parser throw or give a number that is none', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array).toString('latin1')),
    fc.stringMatching(/^[-0-9a-fxGTs/.:A-F \n]{0,24}$/),
  );
  const fine = (value: number | undefined, min: number, max: number): boolean =>
    value === undefined || (Number.isFinite(value) && value >= min && value <= max);
  fc.assert(
    fc.property(bytes, (text) => {
      const max = Number.MAX_SAFE_INTEGER;
      assert.ok(fine(parseInteger(text), -max, max));
      assert.ok(fine(parseU32(text), 0, 0xffffffff));
      assert.ok(fine(parseHexWord(text), 0, 0xffff));
      assert.ok(fine(parseLinkSpeed(text), 1e8, 1e12));
      const number = parseDeviceNumber(text);
      assert.ok(fine(number?.major, 0, max) && fine(number?.minor, 0, max));
      const id = parseId(text);
      assert.ok(id === undefined || (id >= 0n && id < 2n ** 64n));
      assert.match(parseVersion(text) ?? '1.2.3', /^\d{1,4}(\.\d{1,4}){2,3}$/);
      assert.match(parseWord(text) ?? 'word', /^[\w.+~-]{1,64}$/);
      for (const { error, count } of parseAer(text).counts) {
        assert.match(error, /^[ -~]{1,64}$/);
        assert.ok(fine(count, 0, max));
      }
    }),
    { numRuns: 3000 },
  );
});

test('what the driver prints is read back exactly', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.bigInt(0n, 2n ** 64n - 1n), (number, id) => {
      assert.equal(parseInteger(`${String(number)}\n`), number);
      assert.equal(parseU32(`${String(number)}\n`), number);
      assert.equal(parseId(`${id.toString(16).toUpperCase().padStart(16, '0')}\n`), id);
    }),
  );
});
