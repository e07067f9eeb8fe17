import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FakeLaneReader } from '../../support/fake-lane-reader.ts';
import { P150A_PCI, SysfsTree, flitFiles, n150, p150a } from '../../support/sysfs-tree.ts';
import type { Files } from '../../support/sysfs-tree.ts';
import { BLANK, N150_CARD, P150A_CARD, readTree } from './cards.ts';

function capture(name: string): string {
  return readFileSync(new URL(`../../fixtures/captures/${name}`, import.meta.url), 'utf8');
}

test('tt-kmd issue 213: after a flash without a driver reload, garbage is refused and the temperature kept', async (t) => {
  const lines = capture('tt-kmd-213-p150b-hwmon-garbage.txt').matchAll(/^([a-z]+\d_(?:input|label)|name):(.+)$/gm);
  const hwmon = Object.fromEntries(Array.from(lines, ([, file = '', text = '']) => [file, text]));
  assert.equal(Object.keys(hwmon).length, 7);
  const tree = new SysfsTree(t).module('2.7.0-rc1').card({
    address: '0000:c1:00.0',
    pci: { ...P150A_PCI, subsystem_device: '0x0041' },
    driver: {
      index: 0,
      attributes: { tt_card_type: 'p150b', tt_fw_bundle_ver: '19.6.0.0' },
      // `sensors` on the same host says +54.0 C and 4.08 kW.
      hwmon: { 2: { ...hwmon, temp1_input: '54000', power1_input: '4080000000' } },
    },
  });
  assert.deepEqual(await readTree(tree), {
    outcome: 'ok',
    data: {
      driverVersion: '2.7.0-rc1',
      cards: [
        {
          ...P150A_CARD,
          subsystemId: 0x41,
          board: 'p150b',
          serial: undefined,
          asicId: undefined,
          firmware: [{ component: 'bundle', version: '19.6.0.0' }],
          temperature: { value: 54, limit: undefined },
          voltage: BLANK.voltage,
          current: BLANK.current,
          power: BLANK.power,
          fanRpm: undefined,
          clocks: BLANK.clocks,
          heartbeat: undefined,
          thermalTrips: undefined,
          rejected: [
            { sensor: 'vcore', reason: 'implausible' },
            { sensor: 'fan', reason: 'implausible' },
          ],
        },
      ],
    },
    errors: [],
  });
});

const N150_ISSUE_25: Files = {
  name: 'wormhole',
  temp1_input: '33800',
  temp1_max: '75000',
  in0_input: '850',
  in0_max: '950',
  curr1_input: '25000',
  curr1_max: '240000',
  power1_input: '22000000',
  power1_max: '100000000',
};

test('tt-kmd issue 25: two hwmon directories of one n150 give one reading', async (t) => {
  const shown = capture('tt-kmd-25-n150-duplicate-hwmon.txt');
  assert.match(shown, /hwmon2 {2}hwmon3/);
  const tree = new SysfsTree(t).module('1.29').card({
    address: '0002:04:00.0',
    pci: { device: '0x401e' },
    driver: { index: 0, attributes: {}, hwmon: { 2: N150_ISSUE_25, 3: { ...N150_ISSUE_25, temp1_input: '34000' } } },
  });
  const card = {
    ...BLANK,
    pciAddress: '0002:04:00.0',
    arch: 'wormhole',
    driverIndex: 0,
    deviceNumber: { major: 236, minor: 0 },
    state: 'ok',
    temperature: { value: 33.8, limit: 75 },
    voltage: { value: 0.85, limit: 0.95 },
    current: { value: 25, limit: 240 },
    power: { value: 22, limit: 100 },
  };
  assert.deepEqual((await readTree(tree)).data?.cards, [card]);

  const lanes = new FakeLaneReader();
  lanes.fail(/hwmon2\//, 'EINVAL');
  assert.deepEqual(
    (await readTree(tree, lanes)).data?.cards,
    [{ ...card, temperature: { value: 34, limit: 75 } }],
    'where the first gives nothing, the second does',
  );
});

test('tt-metal issue 30055: a Blackhole off the bus is unreachable, not hot', async (t) => {
  assert.match(capture('tt-metal-30055-blackhole-all-ff.txt'), /asic_temp: +\+65536\.0 C/);
  const tree = new SysfsTree(t).module('2.4.0').card({
    address: '0000:01:00.0',
    pci: { ...P150A_PCI, current_link_speed: 'Unknown', current_link_width: '63', max_link_width: '63' },
    driver: {
      index: 0,
      attributes: flitFiles('4294967295'),
      hwmon: {
        1: {
          temp1_input: '65535999',
          in0_input: '4294967295',
          curr1_input: '4294966296',
          power1_input: '4293967296',
          fan1_input: '4294967295',
        },
      },
    },
  });
  assert.deepEqual((await readTree(tree)).data?.cards, [
    {
      ...P150A_CARD,
      pciAddress: '0000:01:00.0',
      state: 'unreachable',
      serial: undefined,
      asicId: undefined,
      firmware: [],
      temperature: BLANK.temperature,
      voltage: BLANK.voltage,
      current: BLANK.current,
      power: BLANK.power,
      fanRpm: undefined,
      clocks: BLANK.clocks,
      heartbeat: undefined,
      thermalTrips: undefined,
      link: BLANK.link,
      rejected: [
        { sensor: 'asic', reason: 'all_ones' },
        { sensor: 'vcore', reason: 'all_ones' },
        { sensor: 'fan', reason: 'all_ones' },
      ],
    },
  ]);
});

test('tt-firmware issue 9: a Galaxy chip without attributes and hwmon has its firmware down', async (t) => {
  assert.match(capture('tt-firmware-9-galaxy6u-no-telemetry.txt'), /tenstorrent\\!5\//);
  const tree = new SysfsTree(t).module('1.32').card({
    address: '0000:04:00.0',
    pci: { device: '0x401e', subsystem_device: '0x0035' },
    driver: { index: 5, attributes: {}, hwmon: {} },
  });
  assert.deepEqual((await readTree(tree)).data?.cards, [
    {
      ...BLANK,
      pciAddress: '0000:04:00.0',
      arch: 'wormhole',
      driverIndex: 5,
      deviceNumber: { major: 236, minor: 5 },
      subsystemId: 0x35,
      state: 'firmware_down',
      board: 'galaxy-wormhole',
    },
  ]);
});

test('dstack issue 2898: a Galaxy chip is named by its serial where the driver says unknown', async (t) => {
  const json = capture('dstack-2898-galaxy-wh-ttsmi-partial.txt');
  const serial = /"BOARD_ID":"0x([0-9a-f]+)"/.exec(json)?.[1] ?? '';
  assert.match(json, /"pcie_width":"1"/);
  const chip = n150({
    address: '0000:42:00.0',
    pci: { subsystem_device: undefined, current_link_width: '1', numa_node: '-1' },
    attributes: {
      tt_card_type: 'unknown',
      tt_serial: serial.padStart(16, '0').toUpperCase(),
      tt_asic_id: '',
      tt_aiclk: '1000',
      tt_fw_bundle_ver: '18.6.0.0',
      tt_heartbeat: undefined,
    },
    hwmon: { temp1_input: '29000', in0_input: '910', curr1_input: '35000', power1_input: '32000000' },
  });
  assert.deepEqual((await readTree(new SysfsTree(t).card(chip))).data?.cards, [
    {
      ...N150_CARD,
      pciAddress: '0000:42:00.0',
      subsystemId: undefined,
      board: 'galaxy-wormhole',
      serial: 0x0100035100000000n,
      asicId: undefined,
      firmware: [{ component: 'bundle', version: '18.6.0.0' }, ...N150_CARD.firmware.slice(1)],
      temperature: { value: 29, limit: 75 },
      voltage: { value: 0.91, limit: 0.95 },
      current: { value: 35, limit: 240 },
      power: { value: 32, limit: 100 },
      clocks: { ai: 1e9, axi: 900e6, arc: 540e6 },
      heartbeat: undefined,
      link: { ...N150_CARD.link, width: 1 },
      numaNode: undefined,
    },
  ]);
});

test('healthy cards of both architectures come out whole', async (t) => {
  const tree = new SysfsTree(t)
    .module('2.10.0')
    .card(n150({ index: 1 }))
    .card(p150a({ index: 0 }));
  assert.deepEqual(await readTree(tree), {
    outcome: 'ok',
    data: {
      driverVersion: '2.10.0',
      cards: [
        { ...N150_CARD, driverIndex: 1, deviceNumber: { major: 236, minor: 1 } },
        { ...P150A_CARD, index: 1 },
      ],
    },
    errors: [],
  });
});
