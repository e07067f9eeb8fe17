import { startPrometheus } from '../../support/prometheus.ts';
import { evaluateRules, write } from './evaluate.ts';
import type { FiringAlert } from './evaluate.ts';
import { historyOf } from './history.ts';
import { DAY } from './life.ts';
import { metricsOf } from './rule-files.ts';
import type { RuleGroup } from './rule-files.ts';
import { familyNames } from './scraped-host.ts';
import type { Wanted } from './scraped-host.ts';
import { isSelected, selectorsOf } from './selectors.ts';
import type { World } from './world.ts';

const EVALUATION_SECONDS = 60;
const ONE_BY_ONE = { step: EVALUATION_SECONDS, steps: 1 };
/**
 * The one record that reads itself remembers, for a day, whose memory it was: labels of alerts that fire in any case.
 * Every minute it would cost more than all other rules. Between these Prometheus's five minutes of lookback hold.
 */
const OWN_RECORDS = { step: 4 * EVALUATION_SECONDS, steps: 3 };

/** The world is in the past, and longer than a block: everything stays in the head, where any order of series is taken. */
export const STORE_FLAGS = [
  '--web.enable-remote-write-receiver',
  '--storage.tsdb.min-block-duration=62d',
  '--storage.tsdb.max-block-duration=62d',
  '--storage.tsdb.retention.time=20y',
  '--query.max-samples=400000000',
  '--query.timeout=10m',
];

export interface PlayOptions {
  readonly log?: (line: string) => void;
  /** All groups every minute, and records that read themselves one by one: as promtool's tests do it. */
  readonly same?: boolean;
}

/** The families that the rules read and a target has. */
export function familiesOf(groups: readonly RuleGroup[]): Set<string> {
  const known = new Set(familyNames());
  const named = groups.flatMap(({ rules }) => rules.flatMap(({ expression }) => metricsOf(expression)));
  return new Set(named.filter((name) => known.has(name)));
}

/** What the rules can see of the pages. */
export function wantedBy(groups: readonly RuleGroup[]): Wanted {
  const families = familiesOf(groups);
  const selectors = selectorsOf(groups, families);
  return { families, keeps: (name, labels) => isSelected(selectors, name, labels) };
}

/** Puts a world into a real Prometheus, has it evaluate the rules over all of it, and gives the alerts that fire. */
export async function playWorld(
  world: World,
  groups: readonly RuleGroup[],
  options: PlayOptions = {},
): Promise<FiringAlert[]> {
  const { log = () => undefined, same = false } = options;
  const prometheus = await startPrometheus('global: {}', STORE_FLAGS);
  try {
    let samples = 0;
    const started = performance.now();
    for (const series of historyOf(world, wantedBy(groups))) {
      samples += series.reduce((sum, { times }) => sum + times.length, 0);
      await write(prometheus.url, series);
    }
    log(`${samples} samples in ${seconds(started)}`);
    const evaluated = performance.now();
    const until = world.epoch + world.days * DAY - 1;
    const stretch = { from: world.epoch, until, step: EVALUATION_SECONDS, same, own: same ? ONE_BY_ONE : OWN_RECORDS };
    const alerts = await evaluateRules(prometheus.url, groups, stretch, log);
    log(`rules in ${seconds(evaluated)}`);
    return alerts;
  } finally {
    await prometheus.stop();
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
