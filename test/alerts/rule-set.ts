import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ALERTS_FOLDER = join(import.meta.dirname, '..', '..', 'alerts');

/** A rule as it is in a rule file: either `record` or `alert` is its name. */
export interface PrometheusRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PrometheusGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly PrometheusRule[];
}

/** The groups of all committed rule files. */
export async function readGroups(): Promise<PrometheusGroup[]> {
  const names = (await readdir(ALERTS_FOLDER)).filter((name) => name.endsWith('.yml')).sort();
  const files = await Promise.all(names.map((name) => readFile(join(ALERTS_FOLDER, name), 'utf8')));
  return files.flatMap((text) => (parse(text) as { groups: PrometheusGroup[] }).groups);
}

/**
 * The groups with nothing in them but the rules of these names and the recording rules that they rest on, those that
 * record for others first.
 */
export function rulesFor(names: readonly string[], groups: readonly PrometheusGroup[]): PrometheusGroup[] {
  const needed = new Set<string>(names);
  const isAsked = ({ rules }: PrometheusGroup) => rules.some((rule) => names.includes(rule.alert ?? rule.record ?? ''));
  const all = groups.flatMap(({ rules }) => rules);
  for (const next of needed) {
    for (const rule of all) {
      if ((rule.alert ?? rule.record) !== next) continue;
      for (const { record } of all) if (record !== undefined && mentions(rule, record)) needed.add(record);
    }
  }
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => needed.has(rule.alert ?? rule.record ?? '')) }))
    .filter(({ rules }) => rules.length > 0)
    .sort((a, b) => Number(isAsked(a)) - Number(isAsked(b)));
}

function mentions({ expr, annotations }: PrometheusRule, record: string): boolean {
  return expr.includes(record) || Object.values(annotations ?? {}).some((text) => text.includes(record));
}
