import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plannedCard } from '../../src/simulator/host-kinds.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { startOwnServer } from '../../src/simulator/own-server.ts';
import { startWorkload } from '../../src/simulator/workload.ts';
import { buildNative } from '../allocation-server/support/built.ts';
import { eventually } from '../support/eventually.ts';
import { startExporter } from '../support/start-exporter.ts';

/** `device pid: bytes` of what processes hold, and `device: bytes` of the chips' totals. */
function memoryOf(page: string): string[] {
  const lines = page.matchAll(
    /^tt_(?:device_)?dram_allocated_bytes\{device="([^"]*)"(?:,pid="([^"]*)")?,type="dram"\} (\d+)$/gmu,
  );
  return [...lines].map(([, device = '', pid = '', bytes = '']) => `${device} ${pid}: ${bytes}`).sort();
}

const ADDRESSES = ['0000:01:00.0', '0000:41:00.0', '0000:81:00.0', '0000:c1:00.0'];

function fourCards(driverVersion: string): Promise<SimulatedHost> {
  const cards = ADDRESSES.map((address, index) => plannedCard('p150a', index, address));
  return createSimulatedHost({ driverVersion, cards });
}

it('processes that see one chip each and call it 0 have their memory on the chips that they hold', async (t) => {
  buildNative();
  const host = await fourCards('2.10.0');
  t.after(() => host.close());
  t.after(await startOwnServer(host));
  const exporter = await startExporter(host.flags());
  t.after(() => exporter.stop());
  const start = (name: string, chips: readonly number[], seesNoOthers: boolean) =>
    startWorkload(host, { name, chips, seesNoOthers, tracker: 'server' });
  const [one, three, all] = [
    await start('one', [1], true),
    await start('three', [3], true),
    await start('all', [0, 1, 2, 3], false),
  ];
  await one.hold(1, { dram: 1000 });
  await three.hold(3, { dram: 3000 });
  for (const chip of [0, 1, 2, 3]) await all.hold(chip, { dram: 7 });
  const everything = (expected: readonly string[]) =>
    eventually(`the page with ${expected.join(', ')}`, async () => {
      const seen = memoryOf((await exporter.scrape()).body);
      return JSON.stringify(seen) === JSON.stringify([...expected].sort());
    });
  const both = [`1 ${one.pid}: 1000`, `3 ${three.pid}: 3000`, '1 : 1007', '3 : 3007'];
  const usual = [0, 1, 2, 3].map((chip) => `${chip} ${all.pid}: 7`);
  await everything([...both, ...usual, '0 : 7', '2 : 7']);
  const brief = await start('brief', [2], true);
  await brief.hold(2, { dram: 50 });
  await everything([...both, ...usual, `2 ${brief.pid}: 50`, '0 : 7', '2 : 57']);
  await brief.stop();
  const peak = `tt_ended_process_peak_bytes{device="2",pid="${brief.pid}",type="dram"} 50\n`;
  await eventually('its peak', async () => (await exporter.scrape()).body.includes(peak));
  // The most that the server has counted under a number is of several chips: nobody is told of it.
  assert.doesNotMatch(
    (await exporter.scrape()).body,
    /^tt_(?:peak_allocated_bytes|allocations_total)\{device="[0123]"/mu,
  );
  // A card goes: the others keep their memory, though the host's numbers are now others.
  host.unplug(1);
  await everything([
    `2 ${three.pid}: 3000`,
    '2 : 3007',
    ...['0', '1', '2'].map((chip) => `${chip} ${all.pid}: 7`),
    '0 : 7',
    '1 : 7',
  ]);
  const { body } = await exporter.scrape();
  assert.match(
    body,
    /^tt_exporter_read_errors_total\{collector="allocation_server",reason="unresolved_device"\} [1-9]/mu,
  );
});

for (const [driver, innerPid, what] of [
  ['2.4.0', undefined, 'lists nobody'],
  ['2.6.0', 17, 'does not say who is in another PID namespace'],
] as const) {
  it(`so they have where the driver ${what}`, async (t) => {
    buildNative();
    const host = await fourCards(driver);
    t.after(() => host.close());
    t.after(await startOwnServer(host));
    const exporter = await startExporter(host.flags());
    t.after(() => exporter.stop());
    const options = { name: 'inner', chips: [3], seesNoOthers: true, tracker: 'server' } as const;
    const workload = await startWorkload(host, { ...options, ...(innerPid !== undefined && { innerPid }) });
    if (driver === '2.4.0') {
      // Its real descriptor is no device's: a made up entry says what a real one would.
      host.processes.hide(workload.pid);
      const descriptors = { 0: '/dev/null', 10: '/dev/tenstorrent/3' };
      host.processes.put({ pid: workload.pid, comm: 'inner', startTicks: 5000, descriptors }, []);
    }
    await workload.hold(3, { dram: 3000 });
    const line = `tt_dram_allocated_bytes{device="3",pid="${workload.pid}",type="dram"} 3000\n`;
    await eventually('its memory', async () => (await exporter.scrape()).body.includes(line));
  });
}
