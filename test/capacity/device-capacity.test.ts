import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCapacityConfig } from '../../src/capacity/config.ts';
import { deviceCapacity } from '../../src/capacity/device-capacity.ts';
import type { ChipFacts } from '../../src/capacity/device-capacity.ts';

const GIB = 1024 ** 3;
const N300: ChipFacts = { board: 'n300', arch: 'wormhole', firmwareBundle: '18.12.1.0', serial: '010001451170C0C4' };
const P150: ChipFacts = { board: 'p150a', arch: 'blackhole', firmwareBundle: '19.10.0.0', serial: '0000040131924062' };
const server = (l1Bytes: number | undefined, dramBytes: number | undefined) => ({
  l1Bytes,
  dramBytes,
  l1BytesPerCore: 1499136,
  arch: 'wormhole' as const,
});

describe('the capacity of a chip', () => {
  it('comes from the table of boards where nobody says otherwise', () => {
    assert.deepEqual(deviceCapacity(N300, undefined, undefined), {
      dramBytes: 12 * GIB,
      l1Bytes: 64 * 1499136,
      l1AllocatableBytes: 64 * (1499136 - 103712),
      source: 'board_table',
      cores: 64,
    });
  });

  it('depends on the firmware of a p150, and is unknown where that is', () => {
    const l1 = (firmwareBundle: string | undefined) =>
      deviceCapacity({ ...P150, firmwareBundle }, undefined, undefined);
    assert.equal(l1('19.4.2.0').cores, 140);
    assert.equal(l1('19.5.0.0').cores, 120);
    assert.equal(l1('19.5.0.0').l1AllocatableBytes, 120 * (1572864 - 111104));
    assert.deepEqual(l1(undefined), {
      dramBytes: undefined,
      l1Bytes: undefined,
      l1AllocatableBytes: undefined,
      source: undefined,
      cores: undefined,
    });
  });

  it('does not believe a server that counts harvested cores', () => {
    const figure = deviceCapacity(N300, server(120 * 1499136, 12 * GIB), undefined);
    assert.equal(figure.l1Bytes, 64 * 1499136);
    assert.equal(figure.source, 'board_table');
  });

  it('believes a server whose figure is not above the table', () => {
    assert.deepEqual(deviceCapacity(N300, server(56 * 1499136, 12 * GIB), undefined), {
      dramBytes: 12 * GIB,
      l1Bytes: 56 * 1499136,
      l1AllocatableBytes: 56 * (1499136 - 103712),
      source: 'allocation_server',
      cores: 56,
    });
  });

  it('of an unknown board is at most what the die has, whatever the server says', () => {
    const unknown: ChipFacts = { board: undefined, arch: undefined, firmwareBundle: undefined, serial: undefined };
    assert.equal(deviceCapacity(unknown, server(120 * 1499136, undefined), undefined).l1Bytes, undefined);
    assert.equal(deviceCapacity(unknown, server(64 * 1499136, 12 * GIB), undefined).l1Bytes, 64 * 1499136);
    assert.equal(deviceCapacity(unknown, server(undefined, 13 * GIB), undefined).source, undefined);
  });

  it('is unknown for a board that only the language knows', () => {
    for (const board of ['constructor', '__proto__', 'toString']) {
      assert.equal(deviceCapacity({ ...N300, board, arch: board }, undefined, undefined).source, undefined);
    }
  });

  it('is what the configuration says, by serial before by board', () => {
    const config = parseCapacityConfig(
      'boards:\n  p150a: { cores: 118 }\nserials:\n  0000040131924062:\n    cores: 116\n    dram_bytes: 34359738368\n',
      'capacity.yml',
    );
    const bySerial = deviceCapacity(P150, server(130 * 1572864, undefined), config);
    assert.deepEqual(
      [bySerial.cores, bySerial.l1Bytes, bySerial.dramBytes, bySerial.source],
      [116, 116 * 1572864, 32 * GIB, 'config'],
    );
    assert.equal(deviceCapacity({ ...P150, serial: 'FFFF040131924062' }, undefined, config).cores, 118);
    assert.equal(deviceCapacity(N300, undefined, config).cores, 64);
  });
});

describe('the capacity file', () => {
  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'an unknown section',
      'board:\n  n150: {cores: 1}\n',
      /^c\.yml:1: unknown key "board", expected "boards" or "serials"$/,
    ],
    [
      'an unknown field',
      'boards:\n  n150:\n    core: 1\n',
      /^c\.yml:3: unknown key "core" of "n150", expected one of cores, l1_bytes_per_core, dram_bytes$/,
    ],
    [
      'a number that is none',
      'boards:\n  n150:\n    cores: many\n',
      /^c\.yml:3: cores of "n150" must be a whole number from 1 to 1024$/,
    ],
    ['no cores', 'boards:\n  n150:\n    cores: 0\n', /^c\.yml:3: cores of "n150" must be/],
    [
      'a serial that is none',
      'serials:\n  4062: {cores: 1}\n',
      /^c\.yml:2: serial "4062" must be 16 hex digits, as in tt_serial$/,
    ],
    ['a list', 'boards:\n  - n150\n', /^c\.yml:2: "boards" must be a map$/],
    ['text', 'hello\n', /^c\.yml:1: the file must be a map$/],
    ['a section without anything', 'boards:\n', /^c\.yml:1: "boards" must be a map$/],
    ['broken YAML', 'boards: {\n', /^c\.yml: /],
    ['a key given twice', 'boards:\n  n150: {cores: 1}\n  n150: {cores: 2}\n', /^c\.yml: /],
  ];
  for (const [what, text, message] of refused) {
    it(`is refused with its place where it has ${what}`, () => {
      assert.throws(() => parseCapacityConfig(text, 'c.yml'), { name: 'CapacityConfigError', message });
    });
  }

  it('may be empty', () => {
    assert.deepEqual(parseCapacityConfig('', 'c.yml'), { boards: new Map(), serials: new Map() });
    assert.deepEqual(parseCapacityConfig('# nothing\n', 'c.yml'), { boards: new Map(), serials: new Map() });
  });
});
