/** `npm run scale:alerts`: how long the rule groups take on a fleet in one Prometheus. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPrometheus } from '../../support/prometheus.ts';
import type { RunningPrometheus } from '../../support/prometheus.ts';
import { readRules } from '../quality/measure.ts';
import { familiesOf } from '../quality/play.ts';
import type { RuleGroup } from '../quality/rule-files.ts';
import { median } from '../quality/score.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';

const LAST_DURATION = /^prometheus_rule_group_last_duration_seconds\{rule_group="[^"]*;([^"]+)"\} (\S+)$/gmu;
const RULES = join(import.meta.dirname, '../../../alerts');

await main();

async function main(): Promise<void> {
  const number = (initial: string) => ({ type: 'string', default: initial }) as const;
  const { values } = parseArgs({
    options: { hosts: number('1250'), chips: number('8'), processes: number('4'), minutes: number('16') },
  });
  const hosts = Number(values.hosts);
  const groups = await readRules(RULES);
  const families = familiesOf(groups);
  const fleet = await startFleet({ hosts, chips: Number(values.chips), processes: Number(values.processes), families });
  try {
    const prometheus = await startPrometheus(configurationOf(fleet, hosts));
    try {
      const durations = await watchDurations(prometheus, Number(values.minutes));
      await print(prometheus, durations, await costs(prometheus, groups));
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

/** Seconds that each group took, by its name, looked at once a minute. */
async function watchDurations({ url }: RunningPrometheus, minutes: number): Promise<Map<string, number[]>> {
  const durations = new Map<string, number[]>();
  for (let minute = 0; minute < minutes; minute++) {
    await pause(60_000);
    const page = await (await fetch(`${url}/metrics`)).text();
    for (const [, group = '', seconds] of page.matchAll(LAST_DURATION)) {
      // 0: not evaluated yet.
      if (Number(seconds) > 0) durations.set(group, [...(durations.get(group) ?? []), Number(seconds)]);
    }
  }
  return durations;
}

/** CPU seconds of each group's expressions, one after the other: what does not depend on what else the machine does. */
async function costs(prometheus: RunningPrometheus, groups: readonly RuleGroup[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { name, rules } of groups) {
    const before = await cpuSeconds(prometheus);
    for (const { expression } of rules) await prometheus.query(expression);
    found.set(name, (await cpuSeconds(prometheus)) - before);
  }
  return found;
}

async function cpuSeconds({ url }: RunningPrometheus): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/mu.exec(page)?.[1]);
}

async function print(
  prometheus: RunningPrometheus,
  durations: ReadonlyMap<string, readonly number[]>,
  cpu: ReadonlyMap<string, number>,
): Promise<void> {
  const figure = async (expression: string): Promise<number> =>
    Number((await prometheus.query(expression))[0]?.value[1] ?? 0);
  const chips = await figure('count(tt_device_info)');
  const holdings = await figure('count(tt_process_open_devices)');
  const series = await figure('sum(scrape_samples_scraped)');
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(`${chips} chips, ${holdings} processes, ${series} series; load ${load.join(' ')}\n`);
  console.log('| rule group | CPU | median | slowest |\n| --- | ---: | ---: | ---: |');
  for (const [group, all] of durations) {
    const columns = [cpu.get(group) ?? 0, median(all) ?? 0, Math.max(...all)].map((value) => `${value.toFixed(2)} s`);
    console.log(`| ${group} | ${columns.join(' | ')} |`);
  }
}
