/**
 * A host of four p150 that does not come to rest, in a process of its own: `node world.ts <seed>`. Everything about a
 * card says which one it is: serial, temperature, memory and holder. It sends {flags, environment} when it is there,
 * begins at 'go', puts everything right again and says so at 'rest', and ends at 'end'.
 */
import { readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { plannedCard } from '../../../src/simulator/host-kinds.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import { seededRandom } from '../../../src/simulator/random.ts';
import { RegionWriter } from '../../../src/simulator/region-writer.ts';
import { ADDRESSES, dramOf, l1Of, pidOf, temperatureOf } from './identity.ts';

const random = seededRandom(Number(process.argv[2] ?? 1));
const cards = ADDRESSES.map((address, index) =>
  plannedCard('p150a', index, address, { values: { temp1_input: `${temperatureOf(index) * 1000}` } }),
);
const host = await createSimulatedHost({ driverVersion: '2.10.0', cards });
const regions = cards.map((_, index) => {
  const region = RegionWriter.open(host.regionPath(index), {
    version: 4,
    chipId: host.chip(index).chipId,
    deviceId: index,
  });
  region.attach(pidOf(index), 'holder');
  region.allocate(pidOf(index), 'dram', dramOf(index));
  region.allocate(pidOf(index), 'l1', l1Of(index));
  region.die();
  hold(index);
  return readFileSync(host.regionPath(index));
});

/** A holder of a card comes, or comes anew, under the number that the card has now; it attaches to the region. */
function hold(index: number): void {
  const { driverIndex } = host.card(index);
  const region = host.regionPath(index);
  const descriptors = { 0: '/dev/null', 10: `/dev/tenstorrent/${driverIndex ?? ''}`, 11: region };
  const process = { pid: pidOf(index), comm: 'holder', startTicks: 5000, descriptors };
  host.processes.put(process, driverIndex === undefined ? [] : [driverIndex]);
  utimesSync(region, new Date(), new Date());
}

function any(): number {
  return Math.floor(random() * cards.length);
}

function moment(): Promise<void> {
  return pause(Math.floor(random() * 60));
}

/** Takes cards away and brings them back, each with the number of another one. */
async function renumber(indexes: readonly number[]): Promise<void> {
  const numbers = indexes.map((index) => host.card(index).driverIndex ?? 0);
  for (const index of indexes) host.unplug(index);
  await moment();
  for (const [place, index] of indexes.entries()) {
    host.replug(index, numbers[(place + 1) % numbers.length] ?? 0);
    hold(index);
  }
}

async function reloadDriver(): Promise<void> {
  host.unloadDriver();
  await moment();
  await moment();
  host.loadDriver();
}

/** A region that is cut, of another version, half written, gone, or another file. */
async function spoilRegion(index: number): Promise<void> {
  const path = host.regionPath(index);
  const whole = regions[index] ?? Buffer.alloc(0);
  const otherVersion = Buffer.from(whole);
  otherVersion.writeUInt32LE(1 + Math.floor(random() * 7), 0);
  const ways = [
    () => {
      truncateSync(path, Math.floor(random() * whole.length));
    },
    () => {
      writeFileSync(path, otherVersion);
    },
    () => {
      writeFileSync(path, whole.subarray(0, 4096));
    },
    () => {
      rmSync(path);
    },
    () => {
      writeFileSync(`${path}.new`, otherVersion);
      renameSync(`${path}.new`, path);
    },
  ];
  ways[Math.floor(random() * ways.length)]?.();
  await moment();
  writeFileSync(`${path}.new`, whole);
  renameSync(`${path}.new`, path);
}

const EVENTS: readonly (() => Promise<void>)[] = [
  async () => {
    const card = host.card(any());
    card.beginReset();
    await moment();
    card.recover();
  },
  async () => {
    const card = host.card(any());
    card.allOnes();
    await moment();
    card.recover();
  },
  () => renumber([any()]),
  () => renumber([0, 1, 2, 3]),
  () => renumber([3, 1]),
  reloadDriver,
  () => spoilRegion(any()),
  () => spoilRegion(any()),
  async () => {
    const index = any();
    host.processes.hide(pidOf(index));
    await moment();
    hold(index);
  },
];

let wanted = false;
let running: Promise<void> | undefined;
async function live(): Promise<void> {
  for (let turn = 0; wanted; turn++) {
    await EVENTS[turn % EVENTS.length]?.();
    await moment();
  }
}

const tell = (message: unknown): void => {
  process.send?.(message);
};
process.on('message', (message) => {
  if (message === 'go') {
    wanted = true;
    running = live();
  } else if (message === 'rest') {
    wanted = false;
    void running?.then(() => {
      tell('at rest');
    });
  }
});
process.on('disconnect', () => {
  wanted = false;
  void Promise.resolve(running)
    .then(() => host.close())
    .then(() => process.exit());
});
tell({ flags: host.flags(), environment: host.faultsEnvironment() });
