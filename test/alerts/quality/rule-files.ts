import { parse } from 'yaml';

export interface RecordingRule {
  readonly kind: 'record';
  readonly name: string;
  readonly expression: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface AlertRule {
  readonly kind: 'alert';
  readonly name: string;
  readonly expression: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly forSeconds: number;
  readonly keepFiringForSeconds: number;
}

export interface RuleGroup {
  readonly name: string;
  readonly intervalSeconds: number | undefined;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

interface RawRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string | number;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface RawGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly RawRule[];
}

/** The groups of a Prometheus rule file. */
export function parseRules(text: string): RuleGroup[] {
  const { groups } = parse(text) as { groups: RawGroup[] };
  return groups.map(({ name, interval, rules }) => ({
    name,
    intervalSeconds: interval === undefined ? undefined : parseDuration(interval),
    rules: rules.map(ruleOf),
  }));
}

function ruleOf(raw: RawRule): RecordingRule | AlertRule {
  const { record, alert, labels = {} } = raw;
  const expression = String(raw.expr);
  if (record !== undefined) return { kind: 'record', name: record, expression, labels };
  if (alert === undefined) throw new Error(`a rule is neither a record nor an alert: ${expression}`);
  const forSeconds = parseDuration(raw.for ?? '0s');
  return {
    kind: 'alert',
    name: alert,
    expression,
    labels,
    forSeconds,
    keepFiringForSeconds: parseDuration(raw.keep_firing_for ?? '0s'),
  };
}

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Seconds of a duration of Prometheus: `5m`, `1h30m`. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/gu)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) throw new Error(`not a duration: "${text}"`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ''] ?? 0), 0);
}

/** The metrics that an expression names, in order of first use. */
export function metricsOf(expression: string): string[] {
  // Strings hold label values, braces label names; `by (…)` and the like hold label names, which start with no known prefix.
  const bare = expression.replaceAll(/"[^"]*"|'[^']*'/gu, '').replaceAll(/#.*$/gmu, '');
  return [...new Set(bare.match(/\b(?:\w+:tt_|tt_|scrape_|up\b)[\w:]*/gu) ?? [])];
}

/** The groups with alerts, and those that record what these read. */
export function forAlerts(groups: readonly RuleGroup[]): RuleGroup[] {
  const kept = new Set(groups.filter(({ rules }) => rules.some(({ kind }) => kind === 'alert')));
  for (const group of kept) {
    const named = new Set(group.rules.flatMap(({ expression }) => metricsOf(expression)));
    // A set gives what is added while it is walked.
    for (const other of groups) {
      if (other.rules.some((rule) => rule.kind === 'record' && named.has(rule.name))) kept.add(other);
    }
  }
  return groups.filter((group) => kept.has(group));
}

/** Groups with those before others whose records they use. */
export function inOrderOfUse(groups: readonly RuleGroup[]): RuleGroup[] {
  const recordsOf = (group: RuleGroup): string[] =>
    group.rules.flatMap((rule) => (rule.kind === 'record' ? [rule.name] : []));
  const madeBy = new Map(groups.flatMap((group) => recordsOf(group).map((name) => [name, group] as const)));
  const ordered = new Set<RuleGroup>();
  const visit = (group: RuleGroup, path: readonly RuleGroup[]): void => {
    if (ordered.has(group)) return;
    if (path.includes(group)) throw new Error(`rule groups use each other: ${path.map(({ name }) => name).join(', ')}`);
    for (const rule of group.rules) {
      for (const [name, maker] of madeBy) {
        if (maker !== group && metricsOf(rule.expression).includes(name)) visit(maker, [...path, group]);
      }
    }
    ordered.add(group);
  };
  for (const group of groups) visit(group, []);
  return [...ordered];
}
