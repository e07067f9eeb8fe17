import { stringify } from 'yaml';
import type { FiringAlert } from './evaluate.ts';
import type { WriteSeries } from './remote-write.ts';
import { inOrderOfUse } from './rule-files.ts';
import type { RuleGroup } from './rule-files.ts';

/** A rule file with these groups and no annotations, which promtool would compare. */
export function ruleFileOf(groups: readonly RuleGroup[]): string {
  return stringify({
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) =>
        rule.kind === 'record'
          ? { record: rule.name, expr: rule.expression, labels: rule.labels }
          : {
              alert: rule.name,
              expr: rule.expression,
              for: `${rule.forSeconds}s`,
              keep_firing_for: `${rule.keepFiringForSeconds}s`,
              labels: rule.labels,
            },
      ),
    })),
  });
}

export interface PromtoolCase {
  /** Its path, as seen from the test's folder. */
  readonly ruleFile: string;
  readonly groups: readonly RuleGroup[];
  readonly history: readonly WriteSeries[];
  readonly scrapeSeconds: number;
  /** All that are expected to fire. */
  readonly alerts: readonly FiringAlert[];
  /** When they are compared. */
  readonly times: readonly number[];
}

/**
 * A test for `promtool test rules`: Prometheus's rule manager is to find, at each of these times, just the alerts that
 * fire then. The world has to begin at time 0; times are in seconds.
 */
export function promtoolTest({ ruleFile, groups, history, scrapeSeconds, alerts, times }: PromtoolCase): string {
  const names = [...new Set(groups.flatMap(({ rules }) => rules.flatMap((r) => (r.kind === 'alert' ? [r.name] : []))))];
  return stringify({
    rule_files: [ruleFile],
    evaluation_interval: '1m',
    group_eval_order: inOrderOfUse(groups).map(({ name }) => name),
    tests: [
      {
        interval: `${scrapeSeconds}s`,
        input_series: bySeries(history).map((one) => inputOf(one, scrapeSeconds)),
        alert_rule_test: times.flatMap((time) =>
          names.map((alertname) => ({
            eval_time: `${time}s`,
            alertname,
            exp_alerts: alerts
              .filter(({ labels, from, until }) => labels['alertname'] === alertname && from <= time && time < until)
              .map(({ labels }) => ({ exp_labels: withoutName(labels) })),
          })),
        ),
      },
    ],
  });
}

/** promtool adds the alert's name itself. */
function withoutName(labels: FiringAlert['labels']): FiringAlert['labels'] {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== 'alertname'));
}

/** Chunks of a history, each series in one piece. */
function bySeries(history: readonly WriteSeries[]): WriteSeries[] {
  const merged = new Map<string, WriteSeries>();
  for (const { labels, times, values } of history) {
    const key = JSON.stringify(labels);
    const before = merged.get(key) ?? { labels, times: [], values: [] };
    merged.set(key, { labels, times: [...before.times, ...times], values: [...before.values, ...values] });
  }
  return [...merged.values()];
}

function inputOf({ labels, times, values }: WriteSeries, scrapeSeconds: number): { series: string; values: string } {
  const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
  const own = labels
    .filter(([label]) => label !== '__name__')
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const byTime = new Map(times.map((time, index) => [time / 1000, values[index] ?? 0]));
  const last = (times.at(-1) ?? 0) / 1000;
  const written: string[] = [];
  for (let time = 0; time <= last; time += scrapeSeconds) {
    const value = byTime.get(time);
    written.push(value === undefined ? '_' : Number.isNaN(value) ? 'stale' : String(value));
  }
  return { series: `${name}{${own.join(',')}}`, values: written.join(' ') };
}
