import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { chipsByUniqueId } from '../../src/join/chip-ids.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';
import { card } from '../support/readings.ts';

interface ClusterDescriptor {
  readonly chip_unique_ids?: Readonly<Record<string, bigint>>;
  readonly chips_with_mmio: readonly Readonly<Record<string, bigint>>[];
  readonly boards: readonly (readonly Readonly<Record<string, unknown>>[])[];
}

/** What UMD wrote down on a real host. */
function descriptor(name: string): ClusterDescriptor {
  const url = new URL(`../fixtures/cluster-descriptors/${name}`, import.meta.url);
  return parse(readFileSync(url, 'utf8'), { intAsBigInt: true }) as ClusterDescriptor;
}

function boardOf(of: ClusterDescriptor): { readonly serial: bigint; readonly type: string } {
  const fields = Object.assign({}, ...(of.boards[0] ?? [])) as { board_id: bigint; board_type: string };
  return { serial: fields.board_id, type: fields.board_type };
}

function labels(cards: readonly Card[], ids: readonly bigint[]): (string | undefined)[] {
  const chips = chipsByUniqueId(cards);
  return ids.map((id) => {
    const chip = chips.get(id);
    return chip === undefined ? undefined : `${chip.card.index}${chip.remote ? 'R' : ''}`;
  });
}

const N300_SERIAL = 0x010001451170c0c4n;

describe('the number in a region name, against descriptors of real hosts,', () => {
  it('is the serial of an n150 without Ethernet links', () => {
    const real = descriptor('wormhole_N150_unique_ids.yaml');
    const n150 = card({ index: 0, arch: 'wormhole', board: 'n150', serial: boardOf(real).serial });
    assert.deepEqual(labels([n150], Object.values(real.chip_unique_ids ?? {})), ['0']);
  });

  it('tells the two chips of an n300 apart', () => {
    const real = descriptor('wormhole_N300_pci_bdf.yaml');
    const n300 = card({ index: 0, arch: 'wormhole', board: 'n300', serial: boardOf(real).serial });
    assert.deepEqual(labels([n300], [real.chip_unique_ids?.['0'] ?? 0n, real.chip_unique_ids?.['1'] ?? 0n]), [
      '0',
      '0R',
    ]);
  });

  it('is the ASIC id of a p150 without trained Ethernet, and nothing made from its serial', () => {
    const real = descriptor('blackhole_P150.yaml');
    const id = real.chip_unique_ids?.['0'] ?? 0n;
    const p150 = { index: 0, arch: 'blackhole', board: 'p150b', serial: boardOf(real).serial } as const;
    assert.deepEqual(labels([card({ ...p150, asicId: id })], [id]), ['0']);
    assert.deepEqual(labels([card(p150)], [id]), [undefined]);
  });
});

describe('the number in a region name', () => {
  it('is the shifted serial of a p150 with trained Ethernet', () => {
    const p150 = card({ index: 3, arch: 'blackhole', board: 'p150b', serial: 0x403319141bbn });
    assert.deepEqual(labels([p150], [141176416515936n]), ['3']);
  });

  it('is serial and location in version 1', () => {
    const n300 = card({ index: 0, arch: 'wormhole', board: 'n300', serial: N300_SERIAL });
    const shifted = BigInt.asUintN(64, N300_SERIAL << 8n);
    assert.deepEqual(labels([n300], [shifted, shifted | 1n]), ['0', '0R']);
  });

  it('is the logical number where the writer knew no id', () => {
    const cards = [
      card({ index: 0, driverIndex: undefined }),
      card({ index: 1, driverIndex: 1 }),
      card({ index: 2, driverIndex: 0 }),
    ];
    assert.deepEqual(labels(cards, [0n, 1n, 2n]), ['1', '2', undefined]);
  });

  it('proves nothing where two cards claim it', () => {
    const galaxy = [0, 1, 2].map((index) =>
      card({ index, arch: 'wormhole', board: 'n150', serial: 0x0100035100000000n, asicId: BigInt(index) + 900n }),
    );
    assert.deepEqual(labels(galaxy, [0x0100035100000000n, 901n]), [undefined, '1']);
  });

  it('is never made from a serial that several chips share, even where only one of them answers', () => {
    const serial = 0x0000044131924062n;
    for (const board of ['p300a', 'galaxy-blackhole']) {
      assert.deepEqual(labels([card({ index: 0, arch: 'blackhole', board, serial })], [serial << 5n, serial << 1n]), [
        undefined,
        undefined,
      ]);
    }
    const galaxy = card({ index: 0, arch: 'wormhole', board: 'galaxy-wormhole', serial });
    assert.deepEqual(labels([galaxy], [serial]), [undefined]);
  });
});
