/** `npm run scale:alerts`: how long the rule groups take on a fleet in one Prometheus. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPrometheus } from '../../support/prometheus.ts';
import type { RunningPrometheus } from '../../support/prometheus.ts';
import { readRules } from '../quality/measure.ts';
import { familiesOf } from '../quality/play.ts';
import { median } from '../quality/score.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';

const RULES = join(import.meta.dirname, '../../../alerts');

await main();

async function main(): Promise<void> {
  const number = (initial: string) => ({ type: 'string', default: initial }) as const;
  const { values } = parseArgs({
    options: { hosts: number('1250'), chips: number('8'), processes: number('4'), minutes: number('16') },
  });
  const hosts = Number(values.hosts);
  const families = familiesOf(await readRules(RULES));
  const fleet = await startFleet({ hosts, chips: Number(values.chips), processes: Number(values.processes), families });
  try {
    const prometheus = await startPrometheus(configurationOf(fleet, hosts));
    try {
      await measure(prometheus, Number(values.minutes));
    } finally {
      await prometheus.stop();
    }
  } finally {
    await fleet.close();
  }
}

/** Scrapes and evaluations every minute. Only what the rules read is served, and so kept. */
function configurationOf(fleet: Fleet, hosts: number): string {
  const targets = Array.from({ length: hosts }, (_, host) => ({
    targets: [fleet.address],
    labels: { __metrics_path__: fleet.path(host), instance: `host-${host}:10072`, cluster: 'scale' },
  }));
  return JSON.stringify({
    global: { scrape_interval: '1m', scrape_timeout: '30s', evaluation_interval: '1m' },
    rule_files: [`${RULES}/*.yml`],
    scrape_configs: [{ job_name: 'tenstorrent', static_configs: targets }],
  });
}

/** Prints how long each group took, of what was seen once a minute. */
async function measure(prometheus: RunningPrometheus, minutes: number): Promise<void> {
  const durations = new Map<string, number[]>();
  for (let minute = 0; minute < minutes; minute++) {
    await pause(60_000);
    for (const [group, seconds] of await lastDurations(prometheus)) {
      durations.set(group, [...(durations.get(group) ?? []), seconds]);
    }
  }
  const figure = async (expression: string): Promise<number> =>
    Number((await prometheus.query(expression))[0]?.value[1] ?? 0);
  const chips = await figure('count(tt_device_info)');
  const holdings = await figure('count(tt_process_open_devices)');
  const series = await figure('sum(scrape_samples_scraped)');
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(`${chips} chips, ${holdings} processes, ${series} series, ${minutes} minutes; load ${load.join(' ')}\n`);
  console.log('| rule group | median | slowest |\n| --- | ---: | ---: |');
  for (const [group, all] of durations) {
    console.log(`| ${group} | ${(median(all) ?? 0).toFixed(2)} s | ${Math.max(...all).toFixed(2)} s |`);
  }
}

/** Seconds of each group's last evaluation, by its name; of those that have been evaluated. */
async function lastDurations({ url }: RunningPrometheus): Promise<Map<string, number>> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const found = page.matchAll(/^prometheus_rule_group_last_duration_seconds\{rule_group="[^"]*;([^"]+)"\} (\S+)$/gmu);
  const durations = [...found].map(([, group = '', seconds]): [string, number] => [group, Number(seconds)]);
  return new Map(durations.filter(([, seconds]) => seconds > 0));
}
