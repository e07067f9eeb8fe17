import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { StartedTestContainer } from 'testcontainers';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import { MIB } from '../../../src/simulator/patterns.ts';
import { startWorkload } from '../../../src/simulator/workload.ts';
import { prometheusConfiguration, writeRules } from '../../alerts/e2e/monitored-host.ts';
import { sendAllTo } from '../../alerts/e2e/shortened.ts';
import { startWebhook } from '../../alerts/e2e/webhook.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { useEngine } from '../../support/docker/engine.ts';
import type { Engine } from '../../support/docker/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import type { RunningPrometheus } from '../../support/prometheus.ts';
import { startImage } from './exporter-container.ts';
import { freePort } from './free-port.ts';
import { READER_RIGHTS } from './reader-rights.ts';
import { sameMount } from './shared-host.ts';

const EXAMPLE = new URL('../../../alerts/alertmanager/alertmanager.yml', import.meta.url);
const ALERT = 'TenstorrentMemoryOrphaned';
/** Of the scrapes. */
const INTERVAL_SECONDS = 2;
/** Of a busy machine's Prometheus. */
const SLACK_SECONDS = 1;

let engine: Engine;
before(async () => {
  engine = await useEngine();
});
after(() => engine.removeContainers());

it('deployed, scraped, alerted about, restarted and upgraded: no scrape is lost beyond the time without it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'operate-'));
  t.after(() => rm(folder, { recursive: true }));
  const host = await createSimulatedHost('mixed');
  t.after(() => host.close());
  const hostPort = await freePort();
  const deploy = (): Promise<StartedTestContainer> =>
    startImage({ ...READER_RIGHTS, flags: host.flags(), mounts: [sameMount(host)], hostPort });
  const first = await deploy();

  const webhook = await startWebhook();
  t.after(() => webhook.close());
  const alertmanager = await startAlertmanager(sendAllTo(webhook.url, await readFile(EXAMPLE, 'utf8')));
  t.after(() => alertmanager.stop());
  await writeRules(folder);
  const target = `127.0.0.1:${hostPort}`;
  const prometheus = await startPrometheus(
    configuration(prometheusConfiguration(target, folder, alertmanager.address)),
  );
  t.after(() => prometheus.stop());
  await eventually('a scrape', async () => (await prometheus.query('up == 1')).length === 1, 30);

  const workload = await startWorkload(host, { name: 'pytest', chips: [0] });
  await workload.hold(0, { dram: 640 * MIB });
  const seen = `tt_dram_allocated_bytes{pid="${workload.pid}"} * on (pid) group_left (comm) tt_process_info`;
  await eventually('the process to be scraped', async () => (await prometheus.query(seen)).length > 0, 30);
  await workload.kill();
  const alert = await eventually(
    'the alert, with the name of the process',
    () => webhook.alerts.find(({ labels }) => labels['alertname'] === ALERT && labels['comm'] !== undefined),
    60,
  );
  assert.deepEqual(
    [alert.status, alert.labels['device'], alert.labels['pid'], alert.labels['memory'], alert.labels['comm']],
    ['firing', '0', `?${workload.pid}`, 'dram', 'pytest'],
  );
  const shown = await seriesByFamily(prometheus);

  const restarted = await timeWithout(target, () => first.restart({ timeout: 5000 }));
  await eventually('a scrape after the restart', () => scrapedSince(prometheus, restarted.end), 60);

  const upgraded = await timeWithout(target, async () => {
    await first.stop({ timeout: 5000 });
    await deploy();
  });
  await eventually('a scrape after the upgrade', () => scrapedSince(prometheus, upgraded.end), 60);

  for (const span of [restarted, upgraded]) {
    const gap = await longestGap(prometheus, span);
    const down = span.end - span.begin;
    // The last scrape may be an interval before, and the first one an interval after.
    assert.ok(gap <= down + 2 * INTERVAL_SECONDS + SLACK_SECONDS, `${gap} s, of which ${down} s down`);
  }
  // Nothing is there twice, and nothing has gone.
  assert.deepEqual(await seriesByFamily(prometheus), shown);
});

/** With longer intervals: a program that has just started is slow for a moment. */
function configuration(text: string): string {
  const interval = `${INTERVAL_SECONDS}s`;
  const global = { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: '1s' };
  return JSON.stringify({ ...(JSON.parse(text) as object), global });
}

/** Seconds since the epoch. */
interface Span {
  readonly begin: number;
  readonly end: number;
}

/** From before it to when a scrape is answered as fast as Prometheus wants it: on a busy machine, not the first one. */
async function timeWithout(target: string, task: () => Promise<unknown>): Promise<Span> {
  const begin = Date.now() / 1000;
  await task();
  const scrape = (): Promise<boolean> =>
    fetch(`http://${target}/metrics`, { signal: AbortSignal.timeout(INTERVAL_SECONDS * 1000) }).then(
      async (response) => (await response.text()) !== '' && response.ok,
      () => false,
    );
  await eventually('an answer within the time of a scrape', scrape, 60);
  return { begin, end: Date.now() / 1000 };
}

/** When the scrapes began that worked, in seconds since the epoch. */
async function goodScrapes(prometheus: RunningPrometheus): Promise<number[]> {
  const { result } = (await prometheus.api(`query?query=${encodeURIComponent('up[10m]')}`)) as {
    readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[];
  };
  return (result[0]?.values ?? []).filter(([, value]) => value === '1').map(([time]) => time);
}

async function scrapedSince(prometheus: RunningPrometheus, seconds: number): Promise<boolean> {
  return (await goodScrapes(prometheus)).some((time) => time > seconds);
}

/** The most seconds from one scrape that worked to the next one, of those that this time lies between at least in part. */
async function longestGap(prometheus: RunningPrometheus, { begin, end }: Span): Promise<number> {
  const times = await goodScrapes(prometheus);
  const gaps = times.slice(1).map((next, index) => ({ next, last: times[index] ?? next }));
  return Math.max(...gaps.filter(({ last, next }) => last < end && next > begin).map(({ last, next }) => next - last));
}

/** How many series each family of the host has. */
async function seriesByFamily(prometheus: RunningPrometheus): Promise<Readonly<Record<string, string>>> {
  const counts = await prometheus.query('count by (__name__) ({__name__=~"tt_.+", __name__!~"tt_exporter_.+"})');
  const entries = counts.map(({ metric, value }) => [metric['__name__'] ?? '', value[1]] as const);
  return Object.fromEntries(entries);
}
