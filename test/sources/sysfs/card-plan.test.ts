import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ATTRIBUTES } from '../../../src/sources/sysfs/attributes.ts';
import { CardPlans, planCard } from '../../../src/sources/sysfs/card-plan.ts';
import { emptyDraft } from '../../../src/sources/sysfs/draft.ts';
import type { CardLocation } from '../../../src/sources/sysfs/enumerate.ts';

const LOCATION: CardLocation = {
  pciAddress: '0000:01:00.0',
  pciDirectory: '/pci',
  pciDeviceId: 0,
  bound: true,
  driverIndex: 0,
  classDirectory: '/class',
  hwmonDirectories: ['/hwmon3'],
  generation: '1.1',
};

const PCI_FILES = [
  '/pci/device',
  '/pci/subsystem_device',
  '/pci/numa_node',
  '/class/dev',
  '/pci/current_link_speed',
  '/pci/current_link_width',
  '/pci/max_link_speed',
  '/pci/max_link_width',
  '/pci/aer_dev_correctable',
  '/pci/aer_dev_nonfatal',
  '/pci/aer_dev_fatal',
];
const TT_FILES = ['aiclk', 'axiclk', 'arcclk', 'heartbeat'];
const IDS = ['card_type', 'serial', 'asic_id', 'fw_bundle_ver'];
const HWMON = ['temp1', 'in0', 'curr1', 'power1'].flatMap((name) => [`/hwmon3/${name}_input`, `/hwmon3/${name}_max`]);
const classFiles = (...names: readonly string[]): string[] => names.map((name) => `/class/tt_${name}`);

function filesOf(location: CardLocation): Record<string, readonly string[]> {
  const { driver, pci } = planCard(location);
  const lanes = driver === undefined ? [pci] : [pci, driver];
  return Object.fromEntries(lanes.map(({ key, files }) => [key, files.map(({ path }) => path)]));
}

test('what is read of a Wormhole', () => {
  assert.deepEqual(filesOf({ ...LOCATION, pciDeviceId: 0x401e }), {
    'sysfs/0000:01:00.0/pci': PCI_FILES,
    'sysfs/0000:01:00.0': [
      ...classFiles(...TT_FILES, ...IDS, 'arc_fw_ver', 'eth_fw_ver', 'm3bl_fw_ver', 'm3app_fw_ver', 'ttflash_ver'),
      ...HWMON,
    ],
  });
});

test('what is read of a Blackhole', () => {
  assert.deepEqual(filesOf({ ...LOCATION, pciDeviceId: 0xb140 }), {
    'sysfs/0000:01:00.0/pci': PCI_FILES,
    'sysfs/0000:01:00.0': [
      ...classFiles(...TT_FILES, 'therm_trip_count', ...IDS, 'm3app_fw_ver'),
      ...HWMON,
      '/hwmon3/fan1_input',
    ],
  });
});

test('of an architecture that is not known everything is looked for', () => {
  const files = filesOf(LOCATION)['sysfs/0000:01:00.0'] ?? [];
  assert.equal(files.length, 4 + 1 + 4 + 5 + 8 + 1);
});

test('a card without a driver has no lane that a driver could block', () => {
  const bare = { ...LOCATION, bound: false, driverIndex: undefined, classDirectory: undefined, hwmonDirectories: [] };
  assert.deepEqual(filesOf(bare), {
    'sysfs/0000:01:00.0/pci': PCI_FILES.filter((path) => path !== '/class/dev'),
  });
});

test('no file is asked for twice, but in each of two hwmon directories', () => {
  const { driver } = planCard({ ...LOCATION, hwmonDirectories: ['/hwmon3', '/hwmon4'] });
  const paths = driver?.files.map(({ path }) => path) ?? [];
  assert.equal(new Set(paths).size, paths.length);
  assert.equal(paths.filter((path) => path.startsWith('/hwmon4/')).length, 9);
  assert.equal(paths.filter((path) => path.includes('pcie_perf_counters')).length, 0, 'a lane of their own has these');
});

test('the same lanes are handed over again while a card is where it was', () => {
  const plans = new CardPlans();
  const [first] = plans.for([LOCATION]);
  assert.equal(plans.for([{ ...LOCATION }])[0], first);
  const [moved] = plans.for([{ ...LOCATION, generation: '2.2' }]);
  assert.notEqual(moved, first);
  assert.equal(moved?.pci.generation, '2.2');
  plans.for([]);
  assert.notEqual(plans.for([{ ...LOCATION, generation: '2.2' }])[0], moved, 'a card that was away is planned anew');
});

test('no text in any file throws or puts a number that is none on a card', () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array).toString('latin1')),
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map(String),
    fc.constantFrom('4294967295', '65535999', 'FFFFFFFFFFFFFFFF', '255.255.255.255', 'unknown', 'Unknown', '63', ''),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: ATTRIBUTES.length, maxLength: ATTRIBUTES.length }), (texts) => {
      const draft = emptyDraft();
      ATTRIBUTES.forEach((attribute, i) => attribute.take(texts[i] ?? '', draft));
      for (const number of numbersIn(draft)) assert.ok(Number.isFinite(number));
    }),
    { numRuns: 500 },
  );
});

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
