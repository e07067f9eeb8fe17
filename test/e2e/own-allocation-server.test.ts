import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { startWorkload } from '../../src/simulator/workload.ts';
import { buildNative } from '../allocation-server/support/built.ts';
import { SERVER_CLI } from '../allocation-server/support/start-server.ts';
import { compileDriver, startDriver } from '../reporting-client/driver.ts';
import { eventually } from '../support/eventually.ts';
import { assertGolden } from '../support/golden.ts';
import { checkMetrics } from '../support/promtool.ts';
import { startExporter, startProgram } from '../support/start-exporter.ts';

const folder = mkdtempSync(join(tmpdir(), 'tt-own-server-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What is drawn from the document alone, and what the join makes of it. */
const FAMILIES =
  /^tt_(?:allocat(?:ions|ed_bytes)_total|frees_total|freed_bytes_total|reclaimed_bytes_total|live_buffers|peak_allocated_bytes|oldest_buffer_timestamp_seconds|last_activity_timestamp_seconds|host_allocated_bytes|l1_cb_max_core_bytes|largest_free_block_bytes|allocation_failures_total|last_failed_allocation_bytes|ended_process_(?:peak_bytes|info)|allocation_server_.*|(?:device_)?(?:l1|dram)_allocated_bytes|(?:l1|dram)_unattributed_bytes|memory_tracker_(?:info|state)|process_(?:alive|info))[{ ]/u;

/** The lines of these families, with a name for each PID, T for each time within the test, N for how often was scraped. */
function comparable(page: string, names: ReadonlyMap<number, string>, since: number): string {
  const now = Date.now() / 1000;
  return page
    .split('\n')
    .filter((line) => FAMILIES.test(line) && !/state="[^"]*"\} 0$/u.test(line))
    .map((line) => line.replace(/(type="(?:QUERY|DEVICE_INFO_QUERY|SNAPSHOT_QUERY)"\}) .*/u, '$1 N'))
    .map((line) => line.replace(/pid="(\d+)"/u, (text, pid: string) => names.get(Number(pid)) ?? text))
    .map((line) => line.replace(/(container_id|pod_uid|slurm_job_id|unit)="[^"]*"/gu, '$1=…'))
    .map((line) =>
      line.replace(/^(tt_\w*_seconds\S*) (\S+)$/u, (text, name: string, value: string) =>
        Number(value) >= since - 1 && Number(value) <= now ? `${name} T` : text,
      ),
    )
    .join('\n');
}

it('the page shows all that the allocation server knows, and what it has seen in the regions', async () => {
  buildNative();
  const since = Date.now() / 1000;
  const host = await createSimulatedHost('mixed');
  const server = startProgram(
    [`--socket.path=${host.socket}`, `--path.sysfs=${host.sysfs}`, `--path.shm=${host.shm}`, '--watch-regions'],
    { script: SERVER_CLI },
  );
  await server.waitForLine(/\blistening\b/);
  // The kernel tells a process's start to the second: only from the next one on it is certainly later than the server's.
  await setTimeout(1100);
  const program = compileDriver(folder, 'driver');
  const options = { socketPath: host.socket, extension: true };
  const [stays, ends] = [startDriver('typescript', '', options), startDriver('c', program, options)];
  const exporter = await startExporter(host.flags(), { env: host.faultsEnvironment() });
  try {
    for (const driver of [stays, ends]) await eventually('a connection', async () => (await driver.counts()).connected);
    stays.say(
      'alloc 0 1 1000000 0',
      'alloc 0 2 500 0',
      'alloc 0 3 300 1',
      'alloc 0 4 70 2',
      'alloc 0 5 40 3',
      'free 0 2',
    );
    stays.say('alloc 0 6 9 4', 'load 0 7 900 0', 'cb 0 8 60', 'cbfree 0 8', 'cores 0 9 4096 0 0 1 1 1024');
    stays.say('cores 0 10 2048 1 1 1 1 2048', 'stats 0 1 90000 1000 89000 40000', 'failed 0 0 123456789 4096');
    ends.say('alloc 3 1 2000 0', 'alloc 3 2 3000 0', 'free 3 1');
    for (const { pid } of [stays, ends]) {
      host.processes.show(pid);
      for (const { driverIndex } of host.cards) if (driverIndex !== undefined) host.processes.open(driverIndex, pid);
    }
    const inner = await startWorkload(host, { name: 'inner', chips: [2], tracker: 'server', innerPid: 17 });
    await inner.hold(2, { dram: 4321 });
    const writes = await startWorkload(host, { name: 'writes', chips: [1] });
    const left = await startWorkload(host, { name: 'left', chips: [1] });
    const [chip] = writes.options.chips;
    await writes.hold(chip ?? 0, { dram: 5000, l1: 64 });
    await left.hold(chip ?? 0, { dram: 700 });
    // The page's peak is at least what there is now: only of a writer's last activity nobody but the server can know.
    const known = [writes, left].map(({ pid }) => `tt_last_activity_timestamp_seconds{device="1",pid="${pid}"} `);
    await eventually('both writers, seen by the server', async () => {
      const { body } = await exporter.scrape();
      return known.every((line) => body.includes(line));
    });
    await writes.hold(chip ?? 0, { dram: 4000, l1: 64 });
    await left.stop();
    await ends.close();
    host.processes.hide(ends.pid);
    await eventually(
      'both ends',
      async () => (await exporter.scrape()).body.match(/^tt_ended_process_info/gmu)?.length === 2,
    );
    const { body } = await exporter.scrape();
    assert.deepEqual(await checkMetrics(Buffer.from(body)), { exitCode: 0, output: '' });
    const names = new Map([
      [stays.pid, 'pid=STAYS'],
      [ends.pid, 'pid=ENDS'],
      [writes.pid, 'pid=WRITES'],
      [left.pid, 'pid=LEFT'],
      [inner.pid, 'pid=INNER'],
    ]);
    assertGolden('own-allocation-server.txt', `${comparable(body, names, since)}\n`);
  } finally {
    await exporter.stop();
    await stays.close();
    await server.stop();
    await host.close();
  }
});

it('the page says of a process that the server has not seen from its start that its numbers are partial', async () => {
  const host = await createSimulatedHost('n150');
  const driver = startDriver('python', '', { socketPath: host.socket });
  await driver.counts();
  await setTimeout(1100);
  const flags = [`--socket.path=${host.socket}`, `--path.sysfs=${host.sysfs}`];
  const server = startProgram(flags, { script: SERVER_CLI });
  const exporter = await startExporter(host.flags());
  try {
    driver.say('alloc 0 1 77 0');
    const body = await eventually('the report', async () => {
      const { body: page } = await exporter.scrape();
      return page.includes('tt_device_dram_allocated_bytes{device="0",type="dram"} 77\n') && page;
    });
    const partial = 'tt_memory_tracker_state{device="0",source="allocation_server",state="partial"} 1\n';
    assert.ok(body.includes(partial), body);
  } finally {
    await exporter.stop();
    await driver.close();
    await server.stop();
    await host.close();
  }
});
