import { evaluateRules, write } from '../quality/evaluate.ts';
import { HOUR, MINUTE } from '../quality/life.ts';
import { inOrderOfUse, metricsOf, parseDuration } from '../quality/rule-files.ts';
import type { RecordingRule, RuleGroup } from '../quality/rule-files.ts';
import { instantQuery } from './instant-query.ts';

/** What the rules recorded before now. */
const AT_LEAST = 65 * MINUTE;
const INTERVAL = MINUTE;

/**
 * Writes what the recording rules would have recorded up to `now`. Where `moving`, as they would have; others as if
 * all had always been as it is now, for the longest time that any rule looks back at them.
 */
export async function fillRecords(
  url: string,
  groups: readonly RuleGroup[],
  now: number,
  moving: (group: RuleGroup) => boolean,
): Promise<void> {
  const expressions = groups.flatMap(({ rules }) => rules.map(({ expression }) => expression));
  for (const group of inOrderOfUse(groups)) {
    const records = group.rules.filter((rule) => rule.kind === 'record');
    const step = group.intervalSeconds ?? INTERVAL;
    if (moving(group)) {
      const stretch = { from: now - 3 * HOUR, until: now, step, own: { step, steps: 1 } };
      await evaluateRules(url, [{ ...group, rules: records }], stretch);
      continue;
    }
    for (const rule of records) await fillRecord(url, rule, longestRange(rule.name, expressions), step, now);
  }
}

async function fillRecord(url: string, rule: RecordingRule, range: number, step: number, now: number): Promise<void> {
  const end = Math.floor(now / step) * step;
  const count = Math.ceil(Math.max(range, AT_LEAST) / step);
  const times = Array.from({ length: count }, (_, i) => (end - (count - 1 - i) * step) * 1000);
  const result = await instantQuery(url, rule.expression, now);
  await write(
    url,
    result.map(({ metric, value: [, value] }) => ({
      labels: Object.entries({ ...metric, ...rule.labels, __name__: rule.name }).sort(([a], [b]) => (a < b ? -1 : 1)),
      times,
      values: times.map(() => Number(value)),
    })),
  );
}

/** Seconds that expressions look back at a record, at most. */
function longestRange(name: string, expressions: readonly string[]): number {
  const found = expressions
    .filter((expression) => metricsOf(expression).includes(name))
    .flatMap((expression) => [
      ...expression.matchAll(new RegExp(`${name}(?:\\{[^}]*\\})?(?:\\[(\\w+)(?::\\w+)?\\])?(?: offset (\\w+))?`, 'gu')),
    ])
    .map(([, range, offset]) =>
      [range, offset].reduce((sum, text) => sum + (text === undefined ? 0 : parseDuration(text)), 0),
    );
  return Math.max(0, ...found);
}
