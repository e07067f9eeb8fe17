import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CardEnumerator } from '../../../src/sources/sysfs/enumerate.ts';
import type { CardLocation } from '../../../src/sources/sysfs/enumerate.ts';
import { PciBus } from '../../../src/sources/sysfs/pci-bus.ts';
import { SysfsTree, n150, p150a } from '../../support/sysfs-tree.ts';

function cardsOf(enumerator: CardEnumerator): readonly CardLocation[] {
  const found = enumerator.enumerate();
  assert.ok(found.ok, 'the bus could be listed');
  return found.cards;
}

test('functions are found in order of their address, with and without a driver', (t) => {
  const tree = new SysfsTree(t);
  tree.foreign('0000:00:1f.0');
  tree.card(p150a({ address: '0002:01:00.0', index: 1 }));
  tree.card({ ...n150({ address: '0000:c1:00.0' }), driver: undefined });
  tree.card(n150({ address: '0000:01:00.0', index: 0 }));
  const bus = `${tree.root}/bus/pci/devices`;
  assert.deepEqual(
    cardsOf(new CardEnumerator(tree.root)).map(({ generation, ...card }) => [card, generation.split(' ').length]),
    [
      [
        {
          pciAddress: '0000:01:00.0',
          pciDirectory: `${bus}/0000:01:00.0`,
          pciDeviceId: 0x401e,
          bound: true,
          driverIndex: 0,
          classDirectory: `${bus}/0000:01:00.0/tenstorrent/tenstorrent!0`,
          hwmonDirectories: [`${bus}/0000:01:00.0/hwmon/hwmon3`],
        },
        3,
      ],
      [
        {
          pciAddress: '0000:c1:00.0',
          pciDirectory: `${bus}/0000:c1:00.0`,
          pciDeviceId: 0x401e,
          bound: false,
          driverIndex: undefined,
          classDirectory: undefined,
          hwmonDirectories: [],
        },
        2,
      ],
      [
        {
          pciAddress: '0002:01:00.0',
          pciDirectory: `${bus}/0002:01:00.0`,
          pciDeviceId: 0xb140,
          bound: true,
          driverIndex: 1,
          classDirectory: `${bus}/0002:01:00.0/tenstorrent/tenstorrent!1`,
          hwmonDirectories: [`${bus}/0002:01:00.0/hwmon/hwmon4`],
        },
        3,
      ],
    ],
  );
});

test('without the classes the functions’ own directories tell the same', (t) => {
  const tree = new SysfsTree(t);
  tree.card(n150({ index: 7 }));
  const withClasses = cardsOf(new CardEnumerator(tree.root));
  tree.remove('class');
  assert.deepEqual(cardsOf(new CardEnumerator(tree.root)), withClasses);
  assert.equal(withClasses[0]?.driverIndex, 7);
});

test('a class device whose function is not on the listed bus is found by its links', (t) => {
  const tree = new SysfsTree(t);
  tree.card(n150({ address: '0000:01:00.0', index: 1 }));
  tree.card(p150a({ address: '0000:c1:00.0', index: 0 }));
  tree.remove('bus/pci/devices/0000:01:00.0');
  const [n150Card, p150aCard] = cardsOf(new CardEnumerator(tree.root));
  const byClass = `${tree.root}/class/tenstorrent/tenstorrent!1`;
  assert.deepEqual(
    { ...n150Card, generation: undefined },
    {
      pciAddress: '0000:01:00.0',
      pciDirectory: `${byClass}/device`,
      pciDeviceId: 0,
      bound: true,
      driverIndex: 1,
      classDirectory: byClass,
      hwmonDirectories: [`${byClass}/device/hwmon/hwmon4`],
      generation: undefined,
    },
  );
  assert.equal(p150aCard?.driverIndex, 0);
});

test('a class entry that is a directory is resolved by its device link', (t) => {
  const tree = new SysfsTree(t);
  tree.write('class/tenstorrent/tenstorrent!5/dev', '236:5');
  tree.link('class/tenstorrent/tenstorrent!5/device', '../../../0000:41:00.0');
  const [card] = cardsOf(new CardEnumerator(tree.root));
  assert.deepEqual(
    [card?.pciAddress, card?.driverIndex, card?.classDirectory],
    ['0000:41:00.0', 5, `${tree.root}/class/tenstorrent/tenstorrent!5`],
  );
});

test('two hwmon directories of one device are both known, the lower number first', (t) => {
  const tree = new SysfsTree(t);
  tree.card({
    ...n150(),
    driver: { index: 0, attributes: {}, hwmon: { 10: { name: 'wormhole' }, 9: { name: 'wormhole' } } },
  });
  const hwmon = `${tree.root}/bus/pci/devices/0000:01:00.0/hwmon`;
  assert.deepEqual(cardsOf(new CardEnumerator(tree.root))[0]?.hwmonDirectories, [
    `${hwmon}/hwmon9`,
    `${hwmon}/hwmon10`,
  ]);
});

test('a driver that has no device yet is bound all the same', (t) => {
  const tree = new SysfsTree(t);
  tree.card(n150());
  tree.remove('class');
  tree.remove('devices/pci0000:00/0000:00:01.0/0000:01:00.0/tenstorrent');
  const bound = (): unknown => cardsOf(new CardEnumerator(tree.root)).map((card) => [card.bound, card.driverIndex]);
  assert.deepEqual(bound(), [[true, undefined]]);
  tree.remove('devices/pci0000:00/0000:00:01.0/0000:01:00.0/driver');
  assert.deepEqual(bound(), [[true, undefined]], 'by the listing of the driver');
  tree.remove('bus/pci/drivers');
  assert.deepEqual(bound(), [[false, undefined]]);
});

test('a card that is handed to a virtual machine has no driver of ours', (t) => {
  const tree = new SysfsTree(t);
  tree.card({ ...n150(), driver: undefined });
  tree.link('bus/pci/devices/0000:01:00.0/driver', '../../../../bus/pci/drivers/vfio-pci');
  assert.deepEqual(
    cardsOf(new CardEnumerator(tree.root)).map(({ bound }) => bound),
    [false],
  );
});

test('a function of another vendor is not looked at again while it is the same', (t) => {
  const tree = new SysfsTree(t);
  tree.foreign('0000:02:00.0');
  const enumerator = new CardEnumerator(tree.root);
  assert.deepEqual(cardsOf(enumerator), []);
  tree.write('devices/pci0000:00/0000:00:01.0/0000:02:00.0/vendor', '0x1e52');
  assert.deepEqual(cardsOf(enumerator), [], 'remembered');
  // Another device at the same address: the kernel makes its link anew, maybe with the inode number of the old one.
  const link = join(tree.root, 'bus/pci/devices/0000:02:00.0');
  renameSync(link, `${link}.old`);
  renameSync(`${link}.old`, link);
  assert.deepEqual(
    cardsOf(enumerator).map((card) => card.pciAddress),
    ['0000:02:00.0'],
  );
});

test('a card that is pulled and put back is another generation', (t) => {
  const tree = new SysfsTree(t);
  const card = n150();
  tree.card(card);
  const enumerator = new CardEnumerator(tree.root);
  const [before] = cardsOf(enumerator);
  assert.deepEqual(cardsOf(enumerator), [before], 'nothing has changed');
  tree.unplug(card);
  assert.deepEqual(cardsOf(enumerator), []);
  mkdirSync(join(tree.root, 'devices/takes-the-inode'));
  tree.card(card);
  const [after] = cardsOf(enumerator);
  assert.notEqual(after?.generation, before?.generation);
  assert.deepEqual({ ...after, generation: '' }, { ...before, generation: '' });
});

test('a function whose directory is gone while its link is still there is not a card any more', (t) => {
  const tree = new SysfsTree(t);
  tree.card(n150());
  const enumerator = new CardEnumerator(tree.root);
  assert.equal(cardsOf(enumerator).length, 1);
  tree.remove('class');
  tree.remove('devices/pci0000:00/0000:00:01.0/0000:01:00.0');
  assert.deepEqual(cardsOf(enumerator), []);
});

test('a function that was away is looked at again', (t) => {
  const tree = new SysfsTree(t);
  tree.foreign('0000:02:00.0');
  tree.foreign('0000:03:00.0');
  const bus = new PciBus(tree.root);
  const both = ['0000:02:00.0', '0000:03:00.0'];
  assert.deepEqual(bus.pickTenstorrent(both), new Map());
  assert.deepEqual(bus.pickTenstorrent(['0000:03:00.0']), new Map());
  tree.write('devices/pci0000:00/0000:00:01.0/0000:02:00.0/vendor', '0x1e52');
  assert.deepEqual(bus.pickTenstorrent(both), new Map([['0000:02:00.0', 0x1533]]));
});

test('a root that is not there has no cards', (t) => {
  const tree = new SysfsTree(t);
  assert.deepEqual(new CardEnumerator(`${tree.root}/nowhere`).enumerate(), { ok: true, cards: [] });
});

test('a bus that cannot be listed is an error that says what to check', (t) => {
  const tree = new SysfsTree(t);
  mkdirSync(join(tree.root, 'bus/pci'), { recursive: true });
  writeFileSync(join(tree.root, 'bus/pci/devices'), '');
  const found = new CardEnumerator(tree.root).enumerate();
  assert.deepEqual(found, {
    ok: false,
    error: {
      reason: 'enotdir',
      message:
        `the PCI devices below ${tree.root} cannot be listed: ENOTDIR: not a directory, scandir ` +
        `'${tree.root}/bus/pci/devices'; check --path.sysfs and its rights`,
    },
  });
});

test('a function whose vendor cannot be read fails the listing: without it the others would get wrong numbers', (t) => {
  const tree = new SysfsTree(t);
  tree.card(n150());
  tree.foreign('0000:00:1f.0');
  tree.remove('devices/pci0000:00/0000:00:01.0/0000:00:1f.0/vendor');
  mkdirSync(join(tree.root, 'devices/pci0000:00/0000:00:01.0/0000:00:1f.0/vendor'));
  const found = new CardEnumerator(tree.root).enumerate();
  assert.deepEqual(found.ok ? undefined : found.error.reason, 'eisdir');
});
