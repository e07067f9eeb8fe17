/** `npm run scale:alerts`: what the rule groups cost on a fleet in one Prometheus. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPrometheus } from '../../support/prometheus.ts';
import { instantQuery } from './instant-query.ts';
import { HOUR, MINUTE } from '../quality/life.ts';
import { readRules } from '../quality/measure.ts';
import { STORE_FLAGS, wantedBy } from '../quality/play.ts';
import type { RuleGroup } from '../quality/rule-files.ts';
import { median } from '../quality/score.ts';
import { fillFleet } from './fill.ts';
import { fillRecords } from './past.ts';

const RULES = join(import.meta.dirname, '../../../alerts');
const ROUNDS = 3;

await main();

async function main(): Promise<void> {
  const number = (initial: string) => ({ type: 'string', default: initial }) as const;
  const { values } = parseArgs({
    options: {
      hosts: number('1250'),
      chips: number('8'),
      processes: number('4'),
      rules: number(RULES),
      keep: { type: 'boolean', default: false },
    },
  });
  const plan = { hosts: Number(values.hosts), chips: Number(values.chips), processes: Number(values.processes) };
  const groups = await readRules(values.rules);
  const prometheus = await startPrometheus('global: {}', STORE_FLAGS);
  try {
    const now = Math.floor(Date.now() / 1000 / HOUR) * HOUR;
    const started = performance.now();
    const log = (what: string): void => {
      console.error(`${what} after ${((performance.now() - started) / 1000).toFixed(0)} s`);
    };
    await fillFleet(prometheus.url, plan, wantedBy(groups), scrapes(now));
    log('series written');
    if (values.keep) {
      console.log(prometheus.url, now);
      await new Promise(() => setInterval(() => 0, 1e6));
    }
    await fillRecords(prometheus.url, groups, now, ({ name }) => name.includes('growth'));
    log('records written');
    await print(prometheus.url, groups, now);
  } finally {
    await prometheus.stop();
  }
}

/** Each minute of the last hour and some, and less often in the three before. */
function scrapes(now: number): number[] {
  const hour = now - 65 * MINUTE;
  const times: number[] = [];
  for (let time = now - 3.5 * HOUR; time < hour; time += 4 * MINUTE) times.push(time);
  for (let time = hour; time <= now; time += MINUTE) times.push(time);
  return times;
}

interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

async function costOf(url: string, expression: string, now: number): Promise<Cost> {
  const rounds: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await cpuSeconds(url);
    const started = performance.now();
    await instantQuery(url, expression, now);
    rounds.push({ wall: (performance.now() - started) / 1000, cpu: (await cpuSeconds(url)) - before });
  }
  return { cpu: median(rounds.map(({ cpu }) => cpu)) ?? 0, wall: Math.min(...rounds.map(({ wall }) => wall)) };
}

async function cpuSeconds(url: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/mu.exec(page)?.[1]);
}

async function print(url: string, groups: readonly RuleGroup[], now: number): Promise<void> {
  const figure = async (expression: string): Promise<number> =>
    Number((await instantQuery(url, expression, now))[0]?.value[1] ?? 0);
  const chips = await figure('count(tt_device_info)');
  const holdings = await figure('count(tt_process_open_devices)');
  console.log(
    `${chips} chips, ${holdings} processes; load ${loadavg()
      .map((value) => value.toFixed(1))
      .join(' ')}\n`,
  );
  console.log('| rule group | CPU | time |\n| --- | ---: | ---: |');
  for (const { name, rules } of groups) {
    const costs: Cost[] = [];
    for (const rule of rules) {
      const cost = await costOf(url, rule.expression, now);
      if (process.env['RULES'])
        console.log(`    ${cost.cpu.toFixed(2)} ${cost.wall.toFixed(2)} ${rule.name} ${rule.labels['memory'] ?? ''}`);
      costs.push(cost);
    }
    const sum = (what: keyof Cost) => `${costs.reduce((total, cost) => total + cost[what], 0).toFixed(2)} s`;
    console.log(`| ${name} | ${sum('cpu')} | ${sum('wall')} |`);
  }
}
