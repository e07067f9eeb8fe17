import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAlertmanagerConfig } from './alertmanager-config.ts';
import type { AlertmanagerConfig } from './alertmanager-config.ts';
import { notificationsOf } from './notifications.ts';
import { playWorld } from './play.ts';
import { forAlerts, parseRules } from './rule-files.ts';
import type { RuleGroup } from './rule-files.ts';
import { openResults } from './results-file.ts';
import { addResult, addWorld, emptyResult, summaryOf } from './score.ts';
import type { Result } from './score.ts';
import { createWorld } from './world.ts';
import type { WorldPlan } from './world.ts';

const ALERTS = join(import.meta.dirname, '../../../alerts');

/** As many at once as there are steps that wait for each other: while one writes, the other is evaluated. */
const WORLDS_AT_ONCE = 2;

export interface MeasureOptions {
  /** The folder with the rules; the project's own by default. */
  readonly rules?: string | undefined;
  /** A file of the results of each world; those that are in it are not played again. */
  readonly results?: string | undefined;
  readonly log?: (line: string) => void;
}

/** Plays worlds against the rules and the example configuration of Alertmanager, and scores the notifications. */
export async function measureQuality(plans: readonly WorldPlan[], options: MeasureOptions = {}): Promise<Result> {
  const { rules = ALERTS, results, log = () => undefined } = options;
  const groups = forAlerts(await readRules(rules));
  const config = await readAlertmanagerConfig();
  const file = results === undefined ? undefined : await openResults(results, groups);
  const result = emptyResult();
  const waiting = plans.values();
  const work = async (): Promise<void> => {
    for (const plan of waiting) {
      const found = file?.find(plan);
      const started = performance.now();
      const one = found ?? (await measureWorld(plan, groups, config, log));
      const seconds = (performance.now() - started) / 1000;
      if (found === undefined) await file?.add(plan, one, seconds);
      addResult(result, one);
      log(
        `world ${plan.seed} ${found === undefined ? `took ${(seconds / 60).toFixed(1)} min` : 'was known'}; ${summaryOf(result)}`,
      );
    }
  };
  await Promise.all(Array.from({ length: WORLDS_AT_ONCE }, work));
  return result;
}

async function measureWorld(
  plan: WorldPlan,
  groups: readonly RuleGroup[],
  config: AlertmanagerConfig,
  log: (line: string) => void,
): Promise<Result> {
  const world = createWorld(plan);
  const alerts = await playWorld(world, groups, {
    log: (line) => {
      log(`world ${plan.seed}: ${line}`);
    },
  });
  const result = emptyResult();
  addWorld(result, world, notificationsOf(alerts, config));
  return result;
}

/** All rule groups in a folder's *.yml. */
export async function readRules(folder: string = ALERTS): Promise<RuleGroup[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap(parseRules);
}

/** The example configuration of Alertmanager. */
export async function readAlertmanagerConfig(): Promise<AlertmanagerConfig> {
  return parseAlertmanagerConfig(await readFile(join(ALERTS, 'alertmanager', 'alertmanager.yml'), 'utf8'));
}
