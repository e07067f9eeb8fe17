import { Deadline } from '../../../src/collect/deadline.ts';
import type { SourceState } from '../../../src/sources/source.ts';
import type { Source, SourceContext } from '../../../src/sources/source.ts';
import { createSysfsSource } from '../../../src/sources/sysfs/source.ts';
import type { Card, SysfsReading } from '../../../src/sources/sysfs/types.ts';
import { FakeLaneReader } from '../../support/fake-lane-reader.ts';
import type { SysfsTree } from '../../support/sysfs-tree.ts';

export function contextWithin(milliseconds: number): SourceContext {
  return { deadline: Deadline.after(milliseconds), wantedFiles: Promise.resolve([]) };
}

/** One whole run; the duration is a real one and is left out. */
export async function runOf(source: Source<SysfsReading>): Promise<Omit<SourceState<SysfsReading>, 'durationSeconds'>> {
  const context = contextWithin(10_000);
  const run = source.start(context);
  await run.done;
  context.deadline.dispose();
  const { outcome, data, errors } = run.state();
  return { outcome, data, errors };
}

/** What a tree gives in one run. */
export function readTree(
  tree: SysfsTree,
  lanes = new FakeLaneReader(),
): Promise<Omit<SourceState<SysfsReading>, 'durationSeconds'>> {
  return runOf(createSysfsSource({ path: tree.root, lanes }));
}

const NO_SENSOR = { value: undefined, limit: undefined };

/** A card of which nothing is known but where it is. */
export const BLANK: Card = {
  index: 0,
  pciAddress: '0000:c1:00.0',
  arch: undefined,
  driverIndex: undefined,
  deviceNumber: undefined,
  subsystemId: undefined,
  state: undefined,
  board: undefined,
  serial: undefined,
  asicId: undefined,
  firmware: [],
  temperature: NO_SENSOR,
  voltage: NO_SENSOR,
  current: NO_SENSOR,
  power: NO_SENSOR,
  fanRpm: undefined,
  clocks: { ai: undefined, axi: undefined, arc: undefined },
  heartbeat: undefined,
  thermalTrips: undefined,
  link: { speed: undefined, maxSpeed: undefined, width: undefined, maxWidth: undefined },
  pcieErrors: [],
  flitCounters: [],
  rejected: [],
  numaNode: undefined,
};

/** The p150a of the tree without what its driver says. */
export const P150A_PCI_CARD: Card = {
  ...BLANK,
  arch: 'blackhole',
  subsystemId: 0x40,
  board: 'p150a',
  link: { speed: 32e9, maxSpeed: 32e9, width: 16, maxWidth: 16 },
  numaNode: 1,
};

/** The same with a driver that says nothing. */
export const P150A_SILENT: Card = { ...P150A_PCI_CARD, driverIndex: 0, deviceNumber: { major: 236, minor: 0 } };

/** The p150a of the tree, healthy. */
export const P150A_CARD: Card = {
  ...P150A_SILENT,
  state: 'ok',
  serial: 0x0000040131924062n,
  asicId: 0xa1b2c3d4e5f60718n,
  firmware: [
    { component: 'bundle', version: '19.10.0.0' },
    { component: 'm3app', version: '0.22.0.0' },
  ],
  temperature: { value: 54, limit: 90 },
  voltage: { value: 0.742, limit: 0.9 },
  current: { value: 41, limit: 200 },
  power: { value: 30, limit: 150 },
  fanRpm: 2068,
  clocks: { ai: 800e6, axi: 960e6, arc: 800e6 },
  heartbeat: 902144,
  thermalTrips: 0,
};

/** The n150 of the tree without what its driver says but its number. */
export const N150_SILENT: Card = {
  ...BLANK,
  pciAddress: '0000:01:00.0',
  arch: 'wormhole',
  driverIndex: 0,
  deviceNumber: { major: 236, minor: 0 },
  subsystemId: 0x18,
  board: 'n150',
  link: { speed: 16e9, maxSpeed: 16e9, width: 16, maxWidth: 16 },
  numaNode: 0,
};

/** The n150 of the tree, healthy. */
export const N150_CARD: Card = {
  ...N150_SILENT,
  state: 'ok',
  serial: 0x010001861180b479n,
  asicId: 0x0123456789abcdefn,
  firmware: [
    { component: 'bundle', version: '18.12.1.0' },
    { component: 'arc', version: '2.37.0.0' },
    { component: 'eth', version: '7.2.0' },
    { component: 'm3bl', version: '129.2.0.0' },
    { component: 'm3app', version: '5.12.0.0' },
    { component: 'ttflash', version: '3.4.0.0' },
  ],
  temperature: { value: 41.187, limit: 75 },
  voltage: { value: 0.795, limit: 0.95 },
  current: { value: 15, limit: 240 },
  power: { value: 12, limit: 100 },
  clocks: { ai: 500e6, axi: 900e6, arc: 540e6 },
  heartbeat: 184467,
};
