import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Card } from '../../../src/sources/sysfs/types.ts';
import { SysfsTree, n150 } from '../../support/sysfs-tree.ts';
import { N150_CARD, readTree } from './cards.ts';

/** Buses of a Wormhole Galaxy in order of address, and the number that the driver gives each: by tray, not by address. */
const UBB_OF_HIGH_NIBBLE = new Map([
  [0xc, 0],
  [0x8, 1],
  [0x0, 2],
  [0x4, 3],
]);
const BUSES = [0x0, 0x4, 0x8, 0xc].flatMap((high) => [1, 2, 3, 4, 5, 6, 7, 8].map((low) => high * 16 + low));

function indexOf(bus: number): number {
  return (UBB_OF_HIGH_NIBBLE.get(bus >> 4) ?? 0) * 8 + (bus & 0xf) - 1;
}

function addressOf(bus: number): string {
  return `0000:${bus.toString(16).padStart(2, '0')}:00.0`;
}

test('32 chips of a Galaxy keep the order of their addresses, whatever the driver numbers them', async (t) => {
  const tree = new SysfsTree(t).module('2.8.0');
  for (let bus = 0; bus < 200; bus++) tree.foreign(`0001:${bus.toString(16).padStart(2, '0')}:00.0`);
  // Made in another order than either.
  for (const bus of BUSES.toReversed()) {
    const pci = { subsystem_device: '0x0035' };
    const attributes = {
      tt_card_type: 'galaxy-wormhole',
      tt_serial: '0100035100000000',
      tt_asic_id: `00000000000000${bus.toString(16).toUpperCase().padStart(2, '0')}`,
      tt_aiclk: String(500 + bus),
    };
    tree.card(n150({ address: addressOf(bus), index: indexOf(bus), pci, attributes }));
  }
  const cards = BUSES.map((bus, index): Card => ({
    ...N150_CARD,
    index,
    pciAddress: addressOf(bus),
    driverIndex: indexOf(bus),
    deviceNumber: { major: 236, minor: indexOf(bus) },
    subsystemId: 0x35,
    board: 'galaxy-wormhole',
    serial: 0x0100035100000000n,
    asicId: BigInt(bus),
    clocks: { ...N150_CARD.clocks, ai: (500 + bus) * 1e6 },
  }));
  assert.deepEqual(
    cards.map(({ driverIndex }) => driverIndex).filter((index) => index === 0 || index === 31),
    [31, 0],
  );
  assert.deepEqual(await readTree(tree), { outcome: 'ok', data: { driverVersion: '2.8.0', cards }, errors: [] });
});
