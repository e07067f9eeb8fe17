import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';
import { getPage } from './get-page.ts';
import { pidsOf, residentBytes, settledHoldings } from './process-state.ts';

const SCRAPE_SECONDS = 5;
/** Asked is one; a machine that does several things at once needs more. */
const MOST_END_MS = 3000;
const MOST_GROWTH_BYTES = 20e6;

/** Devices whose temperature is on the page, which comes in time. */
async function warmDevices({ url }: RunningExporter): Promise<number[]> {
  const { status, body, milliseconds } = await getPage(`${url}/metrics`, SCRAPE_SECONDS);
  assert.equal(status, 200);
  assert.ok(milliseconds < 1000 * SCRAPE_SECONDS, `answered after ${milliseconds} ms`);
  const families = parseExposition(Buffer.from(body), 'text');
  const samples = families.find(({ name }) => name === 'tt_device_temperature_celsius')?.samples ?? [];
  return samples.map(({ labels }) => Number(labels['device']));
}

async function endsSoon(exporter: RunningExporter): Promise<void> {
  const start = performance.now();
  assert.equal(await exporter.stop(), 0);
  const ms = performance.now() - start;
  assert.ok(ms < MOST_END_MS, `took ${ms} ms to end`);
}

/** Puts file systems that never answer in the place of a sensor of each card; gives what ends that. */
function silence(host: SimulatedHost, cards: readonly number[]): () => void {
  const undo = new DisposableStack();
  host.onClose(() => {
    undo.dispose();
  });
  for (const card of cards) {
    const path = host.card(card).path('temp1_input');
    const server = openSync('/dev/fuse', 'r+');
    // Without a server every request that waits fails (linux: Documentation/filesystems/fuse).
    undo.defer(() => {
      closeSync(server);
    });
    const options = 'fd=3,rootmode=100444,user_id=0,group_id=0';
    const { status, stderr } = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'none', path], {
      stdio: ['ignore', 'ignore', 'pipe', server],
    });
    assert.equal(status, 0, `cannot mount a file system of FUSE, which needs root: ${String(stderr)}`);
    undo.defer(() => {
      spawnSync('umount', ['-l', path]);
    });
  }
  return () => {
    undo.dispose();
  };
}

describe('sensor reads that block', () => {
  it('leave nothing behind, scrape after scrape, and are over with the first scrape after their end', async (t) => {
    const host = await createSimulatedHost('galaxy');
    const exporter = await startExporter(host.flags(), { env: host.faultsEnvironment() });
    t.after(() => host.close());
    await eventually('all devices', async () => (await warmDevices(exporter)).length === 32, 30);
    const blocked = Array.from({ length: 31 }, (_, card) => card);
    for (const card of blocked) host.blockSensor(card);
    assert.deepEqual(await warmDevices(exporter), [31]);
    const before = await settledHoldings(exporter, () => warmDevices(exporter));
    const { reader } = pidsOf(exporter);
    const resident = residentBytes(reader).now;
    for (let scrapes = 0; scrapes < 50; scrapes++) assert.deepEqual(await warmDevices(exporter), [31]);
    const growth = residentBytes(reader).now - resident;
    t.diagnostic(`${JSON.stringify(before)}, ${(growth / 1e6).toFixed(1)} MB more`);
    assert.deepEqual(await settledHoldings(exporter, () => warmDevices(exporter)), before);
    assert.ok(growth < MOST_GROWTH_BYTES, `the reader took ${growth} bytes more`);
    for (const card of blocked) host.unblockSensor(card);
    assert.equal((await warmDevices(exporter)).length, 32);
    await endsSoon(exporter);
  });

  it('in a file system that never answers cost these devices only, and do not keep the program from ending', async (t) => {
    const host = await createSimulatedHost('galaxy');
    t.after(() => host.close());
    const end = silence(host, [2, 9, 30]);
    const exporter = await startExporter(host.flags());
    const others = Array.from({ length: 32 }, (_, card) => card).filter((card) => ![2, 9, 30].includes(card));
    for (let scrapes = 0; scrapes < 10; scrapes++) assert.deepEqual(await warmDevices(exporter), others);
    end();
    await eventually('all devices', async () => (await warmDevices(exporter)).length === 32, 30);
    await endsSoon(exporter);
    silence(host, [5]);
    const another = await startExporter(host.flags());
    assert.equal((await warmDevices(another)).length, 31);
    await endsSoon(another);
  });
});
