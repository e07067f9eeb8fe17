import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';

/** Devices whose temperature is on the page. */
function warmDevices(page: string): string[] {
  const family = parseExposition(Buffer.from(page), 'text').find(
    ({ name }) => name === 'tt_device_temperature_celsius',
  );
  return (family?.samples ?? []).map(({ labels }) => labels['device'] ?? '');
}

function sample(page: string, line: string): string | undefined {
  return page
    .split('\n')
    .find((candidate) => candidate.startsWith(`${line} `))
    ?.slice(line.length + 1);
}

/** Of the exporter and of the process that reads for it: threads and descriptors. */
function resources(exporter: RunningExporter): { readonly threads: number; readonly descriptors: number } {
  const parent = exporter.process.pid ?? 0;
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
  const count = (folder: string) =>
    [parent, ...children].reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/${folder}`).length, 0);
  return { threads: count('task'), descriptors: count('fd') };
}

const TIMEOUT = { 'x-prometheus-scrape-timeout-seconds': '5' };
const all = Array.from({ length: 32 }, (_, index) => `${index}`);

describe('sensor reads that block', () => {
  for (const blocked of [1, 4, 31, 32]) {
    it(`on ${blocked} of 32 devices cost only the numbers of these, scrape after scrape, until the end of it`, async () => {
      const host = await createSimulatedHost('galaxy');
      const exporter = await startExporter(host.flags());
      const scrape = async () => {
        const start = performance.now();
        const { status, body } = await exporter.scrape('/metrics', TIMEOUT);
        assert.equal(status, 200);
        return { body, ms: performance.now() - start };
      };
      try {
        assert.deepEqual(warmDevices((await scrape()).body), all);
        for (let index = 0; index < blocked; index++) host.blockSensor(index);
        const first = await scrape();
        assert.deepEqual(warmDevices(first.body), all.slice(blocked));
        assert.equal(sample(first.body, 'tt_exporter_devices_skipped'), `${blocked}`);
        // A thread stands in for the stuck one, and opens the files that it keeps: on a busy machine some scrapes later.
        let quiet = 0;
        let before = resources(exporter);
        const settled = async (): Promise<boolean> => {
          await scrape();
          const now = resources(exporter);
          quiet = now.descriptors === before.descriptors && now.threads === before.threads ? quiet + 1 : 0;
          before = now;
          return quiet === 15;
        };
        await eventually('a stand-in for the stuck thread', settled, 60);
        for (let scrapes = 0; scrapes < 10; scrapes++) {
          const { body, ms } = await scrape();
          assert.deepEqual(warmDevices(body), all.slice(blocked));
          assert.ok(ms < 4500, `answered after ${ms} ms`);
        }
        const after = resources(exporter);
        assert.ok(after.threads <= before.threads, `${before.threads} threads became ${after.threads}`);
        assert.ok(
          after.descriptors <= before.descriptors + 2,
          `${before.descriptors} descriptors became ${after.descriptors}`,
        );
        for (let index = 0; index < blocked; index++) host.unblockSensor(index);
        await eventually('every device to be back', async () => warmDevices((await scrape()).body).length === 32);
        assert.equal(sample((await scrape()).body, 'tt_exporter_devices_skipped'), '0');
      } finally {
        const start = performance.now();
        await exporter.stop();
        const ms = performance.now() - start;
        await host.close();
        assert.ok(ms < 2000, `took ${ms} ms to end`);
      }
    });
  }

  it('do not keep the exporter from ending', async () => {
    const host = await createSimulatedHost('galaxy');
    const exporter = await startExporter(host.flags());
    host.blockSensor(3);
    await exporter.scrape('/metrics', TIMEOUT);
    const start = performance.now();
    assert.equal(await exporter.stop(), 0);
    assert.ok(performance.now() - start < 2000);
    await host.close();
  });
});
