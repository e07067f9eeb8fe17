/** `npm run scale:alerts`: what the rule groups cost on a fleet in one Prometheus. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPrometheus } from '../../support/prometheus.ts';
import { HOUR, MINUTE } from '../quality/life.ts';
import { readRules } from '../quality/measure.ts';
import { STORE_FLAGS, wantedBy } from '../quality/play.ts';
import type { RuleGroup } from '../quality/rule-files.ts';
import { costOf } from './cost.ts';
import type { Cost } from './cost.ts';
import { fillFleet } from './fill.ts';
import { instantQuery } from './instant-query.ts';
import { fillRecords } from './past.ts';

const USAGE = `usage: npm run scale:alerts -- [--hosts=N] [--chips=N] [--processes=N] [--rules=DIR] [--details]
  --hosts      that one Prometheus scrapes (1250)
  --chips      of each host (8)
  --processes  of each chip (4)
  --rules      the folder with the rules (alerts)
  --details    prints each rule, not only the groups`;

await main();

async function main(): Promise<void> {
  const { hosts, chips, processes, rules, details } = readOptions();
  const groups = await readRules(rules);
  const prometheus = await startPrometheus('global: {}', STORE_FLAGS);
  try {
    const started = performance.now();
    const log = (what: string): void => {
      console.error(`${what} after ${((performance.now() - started) / 1000).toFixed(0)} s`);
    };
    const now = Math.floor(Date.now() / 1000 / HOUR) * HOUR;
    const plan = { hosts: Number(hosts), chips: Number(chips), processes: Number(processes) };
    await fillFleet(prometheus.url, plan, wantedBy(groups), scrapes(now));
    log('series written');
    await fillRecords(prometheus.url, groups, now, ({ name }) => name.includes('growth'));
    log('records written');
    await printHead(prometheus.url, now);
    for (const group of groups) await printGroup(prometheus.url, group, now, details);
  } finally {
    await prometheus.stop();
  }
}

function readOptions() {
  const text = (initial: string) => ({ type: 'string', default: initial }) as const;
  try {
    const { values } = parseArgs({
      options: {
        hosts: text('1250'),
        chips: text('8'),
        processes: text('4'),
        rules: text(join(import.meta.dirname, '../../../alerts')),
        details: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

/** Each minute of the last hour and some, and less often in the time before, which only the floors need. */
function scrapes(now: number): number[] {
  const hour = now - 65 * MINUTE;
  const times: number[] = [];
  for (let time = now - 3.5 * HOUR; time < hour; time += 4 * MINUTE) times.push(time);
  for (let time = hour; time <= now; time += MINUTE) times.push(time);
  return times;
}

async function printHead(url: string, now: number): Promise<void> {
  const figure = async (expression: string): Promise<string> =>
    (await instantQuery(url, expression, now))[0]?.value[1] ?? '0';
  const chips = await figure('count(tt_device_info)');
  const holdings = await figure('count(tt_process_open_devices)');
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(`${chips} chips, ${holdings} processes; load ${load.join(' ')}\n`);
  console.log('| rule group | CPU | time |\n| --- | ---: | ---: |');
}

async function printGroup(url: string, { name, rules }: RuleGroup, now: number, details: boolean): Promise<void> {
  const costs: Cost[] = [];
  for (const rule of rules) {
    const cost = await costOf(url, rule.expression, now);
    costs.push(cost);
    if (details) console.log(row(`${rule.name} ${rule.labels['memory'] ?? ''}`, [cost]));
  }
  console.log(row(`**${name}**`, costs));
}

function row(what: string, costs: readonly Cost[]): string {
  const sum = (of: keyof Cost) => `${costs.reduce((total, cost) => total + cost[of], 0).toFixed(2)} s`;
  return `| ${what} | ${sum('cpu')} | ${sum('wall')} |`;
}
