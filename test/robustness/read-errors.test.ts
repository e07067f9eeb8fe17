import assert from 'node:assert/strict';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { plannedCard } from '../../src/simulator/host-kinds.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';
import { getPage } from './get-page.ts';

/** Samples by what they are of; what belongs to no device and no process is left out. */
type Samples = ReadonlyMap<string, number>;

const CARDS = ['0000:01:00.0', '0000:41:00.0', '0000:81:00.0', '0000:c1:00.0'];
/** On a host that stands still: what is of the exporter itself. */
const MOVES = /^(?:tt_exporter_|process_|nodejs_)/u;

async function samplesOf(
  { url }: RunningExporter,
  which: (labels: Readonly<Record<string, string>>) => boolean,
): Promise<Samples> {
  const { status, body } = await getPage(`${url}/metrics`, 30);
  assert.equal(status, 200);
  const samples = parseExposition(Buffer.from(body), 'text').flatMap((family) => family.samples);
  return new Map(
    samples
      .filter(({ name, labels }) => !MOVES.test(name) && which(labels))
      .map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value]),
  );
}

async function fourCards(): Promise<SimulatedHost> {
  const cards = CARDS.map((address, index) => plannedCard('p150a', index, address));
  const host = await createSimulatedHost({ driverVersion: '2.10.0', cards }, { bootTime: BOOT_TIME });
  populateHost(host);
  return host;
}

describe('reads that fail', () => {
  let host: SimulatedHost;
  let exporter: RunningExporter;
  before(async () => {
    host = await fourCards();
    exporter = await startExporter(host.flags(), { env: host.faultsEnvironment() });
  });
  after(async () => {
    await exporter.stop();
    await host.close();
  });

  const others = (): Promise<Samples> => samplesOf(exporter, ({ device }) => device !== undefined && device !== '1');
  const sensorsOfOne = async (): Promise<number> =>
    (await samplesOf(exporter, ({ device, sensor }) => device === '1' && sensor !== undefined)).size;

  for (const code of ['EACCES', 'ENODATA', 'ENODEV', 'EINVAL', 'E524', 'EIO', 'EMFILE']) {
    it(`with ${code} cost the card its sensors, the others nothing, and only as long as they do`, async () => {
      const [whole, sensors] = [await others(), await sensorsOfOne()];
      assert.ok(whole.size > 100 && sensors > 5);
      const card = host.card(1);
      const attributes = card.attributes.filter((name) => /^(?:tt_|temp1_|in0_|curr1_|power1_|fan1_)/u.test(name));
      for (const attribute of attributes) card.failReads(attribute, code);
      assert.equal(await sensorsOfOne(), 0);
      assert.deepEqual(await others(), whole);
      for (const attribute of attributes) card.endFailure(attribute);
      assert.equal(await sensorsOfOne(), sensors);
    });
  }
});

describe('an exporter that may open few files', () => {
  it('has every number all the same', async () => {
    const host = await fourCards();
    const all = (): boolean => true;
    const plenty = await startExporter(host.flags());
    const few = await startExporter(host.flags(), { through: ['prlimit', '--nofile=64:64'] });
    try {
      const whole = await samplesOf(plenty, ({ device }) => device !== undefined);
      for (let scrapes = 0; scrapes < 10; scrapes++) {
        assert.deepEqual(await samplesOf(few, ({ device }) => device !== undefined), whole);
      }
      assert.ok((await samplesOf(few, all)).size > whole.size);
    } finally {
      await few.stop();
      await plenty.stop();
      await host.close();
    }
  });
});

describe('a process that vanishes while it is looked at', () => {
  let host: SimulatedHost;
  let exporter: RunningExporter;
  before(async () => {
    host = await fourCards();
    exporter = await startExporter(host.flags(), { env: host.faultsEnvironment() });
  });
  after(async () => {
    await exporter.stop();
    await host.close();
  });

  it('at any of its files, costs nobody else anything, and the next one under its number is whole in the next page', async (t) => {
    const pid = 3_000_003;
    const folder = join(host.procfs, `${pid}`);
    const region = host.regionPath(2);
    let starts = 200;
    /** Another one that has the chip and its region, of which nothing is known yet. */
    const startAnew = (): void => {
      const descriptors = { 0: '/dev/null', 10: region, 11: join('/dev/tenstorrent', '2') };
      host.processes.put({ pid, comm: 'python3', startTicks: starts++, descriptors });
      utimesSync(region, new Date(), new Date());
    };
    const ofOthers = (): Promise<Samples> =>
      samplesOf(exporter, (labels) => labels['pid']?.endsWith(`${pid}`) !== true && labels['device'] !== '2');
    const its = async (): Promise<string[]> => [
      ...(await samplesOf(exporter, (labels) => labels['pid'] === `${pid}`)).keys(),
    ];
    const [others, own] = [await ofOthers(), await its()];
    assert.ok(others.size > 100 && own.length > 5);
    const names = ['', ...readdirSync(folder)];
    const missed = new Set<string>();
    for (const name of names) {
      for (const [at, code] of [
        ['open', 'ENOENT'],
        ['read', 'ESRCH'],
      ] as const) {
        startAnew();
        const path = join(folder, name);
        host.faults.set([path], { at, code });
        assert.deepEqual(await ofOthers(), others, `${name} gives ${code}`);
        if ((await its()).length < own.length) missed.add(name);
        host.faults.clear([path]);
        startAnew();
        assert.deepEqual(await its(), own, `${name} gave ${code} before`);
      }
    }
    t.diagnostic(`noticed: ${[...missed].join(', ')}`);
    assert.ok(missed.has('stat') && missed.size > 1, 'the faults were hardly noticed');
  });
});
