import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Card } from '../../../src/sources/sysfs/types.ts';
import { FakeLaneReader } from '../../support/fake-lane-reader.ts';
import { SysfsTree, n150, p150a } from '../../support/sysfs-tree.ts';
import type { CardTree } from '../../support/sysfs-tree.ts';
import { BLANK, N150_CARD, N150_SILENT, P150A_CARD, P150A_PCI_CARD, P150A_SILENT, readTree } from './cards.ts';

/** Cards whose files answer wrongly, with what must come of it. */
interface Row {
  readonly name: string;
  readonly tree: CardTree;
  readonly faults?: readonly (readonly [RegExp, string])[];
  readonly card: Card;
}

const NOTHING = { index: 0, attributes: {}, hwmon: {} };
const TELEMETRY = /tt_|_input$|_max$/;
const INPUTS_GONE = { temp1_input: undefined, in0_input: undefined, curr1_input: undefined, power1_input: undefined };
const LIMITS_GONE = { temp1_max: undefined, in0_max: undefined, curr1_max: undefined, power1_max: undefined };
const rejectedOf = (reason: string, ...sensors: readonly string[]): Card['rejected'] =>
  sensors.map((sensor) => ({ sensor, reason }));

const ONES = '4294967295';
const ALL_ONES_IDS = { tt_card_type: 'unknown', tt_serial: 'F'.repeat(16), tt_asic_id: 'F'.repeat(16) };
const NO_VERSION = '255.255.255.255';
const DEAD_LINK = { current_link_speed: 'Unknown', current_link_width: '63' };

const P150A_ALL_ONES = p150a({
  pci: DEAD_LINK,
  attributes: {
    ...ALL_ONES_IDS,
    tt_aiclk: ONES,
    tt_axiclk: ONES,
    tt_arcclk: ONES,
    tt_fw_bundle_ver: NO_VERSION,
    tt_m3app_fw_ver: NO_VERSION,
    tt_heartbeat: ONES,
    tt_therm_trip_count: ONES,
  },
  hwmon: {
    temp1_input: '65535999',
    temp1_max: '4294966296',
    in0_input: ONES,
    in0_max: '65535',
    curr1_input: '4294966296',
    curr1_max: '4294966296',
    power1_input: '4293967296',
    power1_max: '4293967296',
    fan1_input: ONES,
  },
});

const N150_ALL_ONES = n150({
  attributes: {
    ...ALL_ONES_IDS,
    tt_aiclk: ONES,
    tt_axiclk: ONES,
    tt_arcclk: ONES,
    tt_fw_bundle_ver: NO_VERSION,
    tt_arc_fw_ver: NO_VERSION,
    tt_eth_fw_ver: '255.15.4095',
    tt_m3bl_fw_ver: NO_VERSION,
    tt_m3app_fw_ver: NO_VERSION,
    tt_ttflash_ver: NO_VERSION,
    tt_heartbeat: ONES,
  },
  hwmon: {
    temp1_input: '4095937',
    temp1_max: '65535000',
    in0_input: ONES,
    in0_max: '65535',
    curr1_input: '65535000',
    curr1_max: '65535000',
    power1_input: '1110490560',
    power1_max: '1110490560',
  },
});

const ROWS: readonly Row[] = [
  {
    name: 'no driver: the function is on the bus, and what PCI says of it is known',
    tree: { ...p150a(), driver: undefined },
    card: { ...P150A_PCI_CARD, state: 'no_driver' },
  },
  {
    name: 'firmware did not answer at probe: no attributes, no hwmon',
    tree: { ...p150a(), driver: NOTHING },
    card: { ...P150A_SILENT, state: 'firmware_down' },
  },
  {
    name: 'firmware’s table was refused: hwmon with labels only',
    tree: { ...n150(), driver: { ...NOTHING, hwmon: { 3: { name: 'wormhole', temp1_label: 'asic1_temp' } } } },
    card: { ...N150_SILENT, state: 'firmware_down' },
  },
  {
    name: 'no attributes behind a link that reads as all ones',
    tree: { ...p150a({ pci: DEAD_LINK }), driver: NOTHING },
    card: {
      ...P150A_SILENT,
      state: 'unreachable',
      link: { ...P150A_SILENT.link, speed: undefined, width: undefined },
    },
  },
  {
    name: 'all ones of a Blackhole, or of a driver from 2.9 on',
    tree: P150A_ALL_ONES,
    card: {
      ...P150A_SILENT,
      state: 'unreachable',
      link: { ...P150A_SILENT.link, speed: undefined, width: undefined },
      rejected: rejectedOf(
        'all_ones',
        ...['clock_ai', 'clock_axi', 'clock_arc', 'heartbeat', 'thermal_trips', 'asic', 'vcore', 'fan'],
      ),
    },
  },
  {
    name: 'all ones of a Wormhole under a driver up to 2.8',
    tree: N150_ALL_ONES,
    card: {
      ...N150_SILENT,
      state: 'unreachable',
      rejected: rejectedOf('all_ones', 'clock_ai', 'clock_axi', 'clock_arc', 'heartbeat', 'asic', 'vcore'),
    },
  },
  {
    name: 'a reset: ENODATA of everything that firmware publishes',
    tree: p150a(),
    faults: [[TELEMETRY, 'ENODATA']],
    card: { ...P150A_SILENT, state: 'resetting' },
  },
  {
    name: 'a reset that begins in the middle: the state is what most files say',
    tree: p150a(),
    faults: [[/_input$|_max$|heartbeat|arcclk/, 'ENODATA']],
    card: {
      ...P150A_CARD,
      state: 'resetting',
      temperature: BLANK.temperature,
      voltage: BLANK.voltage,
      current: BLANK.current,
      power: BLANK.power,
      fanRpm: undefined,
      clocks: { ai: 800e6, axi: 960e6, arc: undefined },
      heartbeat: undefined,
    },
  },
  {
    name: 'firmware that lacks a tag: that file alone is missing',
    tree: p150a({ attributes: { tt_asic_id: undefined, tt_heartbeat: undefined } }),
    card: { ...P150A_CARD, asicId: undefined, heartbeat: undefined },
  },
  {
    name: 'a tag that vanished with a reset, from driver 2.9 on: ENODATA of that file',
    tree: p150a(),
    faults: [[/power1_max$/, 'ENODATA']],
    card: { ...P150A_CARD, power: { value: 30, limit: undefined } },
  },
  {
    name: 'a tag that vanished with a reset, up to driver 2.8: EINVAL, and 524 of hwmon',
    tree: p150a({ hwmon: LIMITS_GONE }),
    faults: [
      [/tt_arcclk$/, 'EINVAL'],
      [/temp1_input$/, 'E524'],
    ],
    card: {
      ...P150A_CARD,
      clocks: { ...P150A_CARD.clocks, arc: undefined },
      temperature: BLANK.temperature,
      voltage: { value: 0.742, limit: undefined },
      current: { value: 41, limit: undefined },
      power: { value: 30, limit: undefined },
    },
  },
  {
    name: 'all tags vanished under a driver up to 2.8',
    tree: p150a({ hwmon: LIMITS_GONE }),
    faults: [
      [/tt_/, 'EINVAL'],
      [/_input$/, 'E524'],
    ],
    card: { ...P150A_SILENT, state: 'firmware_down' },
  },
  {
    name: 'an old driver without limits and without a heartbeat',
    tree: p150a({ attributes: { tt_heartbeat: undefined, tt_therm_trip_count: undefined }, hwmon: LIMITS_GONE }),
    card: {
      ...P150A_CARD,
      temperature: { value: 54, limit: undefined },
      voltage: { value: 0.742, limit: undefined },
      current: { value: 41, limit: undefined },
      power: { value: 30, limit: undefined },
      heartbeat: undefined,
      thermalTrips: undefined,
    },
  },
  {
    name: 'hwmon could not be made, the attributes are there',
    tree: n150({ hwmon: { ...INPUTS_GONE, ...LIMITS_GONE } }),
    card: {
      ...N150_CARD,
      temperature: BLANK.temperature,
      voltage: BLANK.voltage,
      current: BLANK.current,
      power: BLANK.power,
    },
  },
  {
    name: 'a fanless board whose firmware publishes all ones',
    tree: p150a({ attributes: { tt_card_type: 'p150b' }, hwmon: { fan1_input: ONES } }),
    card: { ...P150A_CARD, board: 'p150b', fanRpm: undefined },
  },
  {
    name: 'a fanless board whose firmware publishes 0',
    tree: p150a({ attributes: { tt_card_type: 'p300c' }, hwmon: { fan1_input: '0' } }),
    card: { ...P150A_CARD, board: 'p300c', fanRpm: undefined },
  },
  {
    name: 'a fanless board whose driver answers ENODATA',
    tree: p150a({ attributes: { tt_card_type: 'p150b' } }),
    faults: [[/fan1_input$/, 'ENODATA']],
    card: { ...P150A_CARD, board: 'p150b', fanRpm: undefined },
  },
  {
    name: 'a fan that should turn and does not',
    tree: p150a({ hwmon: { fan1_input: '0' } }),
    card: { ...P150A_CARD, fanRpm: 0 },
  },
  {
    name: 'a temperature sensor that firmware marks as failed',
    tree: p150a({ hwmon: { temp1_input: '32768000' } }),
    card: {
      ...P150A_CARD,
      temperature: { value: undefined, limit: 90 },
      rejected: rejectedOf('sensor_error', 'asic'),
    },
  },
  {
    name: 'wrong words after a flash: voltage and current are refused once',
    tree: p150a({ hwmon: { in0_input: '3211313', curr1_input: '3342387000' } }),
    card: {
      ...P150A_CARD,
      voltage: { value: undefined, limit: 0.9 },
      current: { value: undefined, limit: 200 },
      rejected: rejectedOf('implausible', 'vcore'),
    },
  },
  {
    name: 'a card that its driver cannot name, named by its serial',
    tree: p150a({ attributes: { tt_card_type: 'unknown' }, pci: { subsystem_device: '0x9999' } }),
    card: { ...P150A_CARD, subsystemId: 0x9999 },
  },
  {
    name: 'a card that its driver cannot name and without a serial, named by its PCI subsystem',
    tree: p150a({ attributes: { tt_card_type: 'unknown', tt_serial: '0'.repeat(16) } }),
    card: { ...P150A_CARD, serial: undefined },
  },
  {
    name: 'versions that were never written, limits that firmware does not tell',
    tree: n150({ attributes: { tt_fw_bundle_ver: '0.0.0.0', tt_eth_fw_ver: '0.0.0' }, hwmon: { temp1_max: '0' } }),
    card: {
      ...N150_CARD,
      firmware: N150_CARD.firmware.filter(({ component }) => component !== 'bundle' && component !== 'eth'),
      temperature: { value: 41.187, limit: undefined },
    },
  },
  {
    name: 'a highest link speed that was read out of all ones',
    tree: p150a({ pci: { ...DEAD_LINK, max_link_speed: '64.0 GT/s PCIe', max_link_width: '63' } }),
    card: { ...P150A_CARD, link: BLANK.link },
  },
  {
    name: 'a link whose width is no width',
    tree: p150a({ pci: { current_link_width: '63' } }),
    card: { ...P150A_CARD, link: { ...P150A_CARD.link, speed: undefined, width: undefined } },
  },
  {
    name: 'a PCI device id that is not known: the board tells the architecture',
    tree: p150a({ pci: { device: '0xffff' } }),
    card: P150A_CARD,
  },
  {
    name: 'a host without NUMA',
    tree: p150a({ pci: { numa_node: '-1' } }),
    card: { ...P150A_CARD, numaNode: undefined },
  },
];

for (const row of ROWS) {
  test(row.name, async (t) => {
    const lanes = new FakeLaneReader();
    for (const [match, code] of row.faults ?? []) lanes.fail(match, code);
    const tree = new SysfsTree(t).module('2.10.0').card(row.tree);
    assert.deepEqual(await readTree(tree, lanes), {
      outcome: 'ok',
      data: { driverVersion: '2.10.0', cards: [row.card] },
      errors: [],
    });
  });
}

test('a frozen card says the same twice and is ok: only its heartbeat tells', async (t) => {
  const tree = new SysfsTree(t).card(p150a());
  const first = await readTree(tree);
  assert.deepEqual(await readTree(tree), first);
  assert.deepEqual(first.data?.cards, [P150A_CARD]);
});
