import { parser } from '@prometheus-io/lezer-promql';
import { formatDuration, parseDuration } from '../../../alerts/generator/durations.ts';
import type { PrometheusGroup, PrometheusRule } from '../rule-set.ts';

/** One change of one rule. */
export interface Mutant {
  /** The name that the rule alerts or records under. */
  readonly rule: string;
  /** Where and what, in words that stay the same while the rule does. */
  readonly change: string;
  readonly groups: readonly PrometheusGroup[];
}

/** What takes the place of an operator, by the grammar's name for it. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  Add: ['-'],
  Sub: ['+'],
  // Not a division: by the 1 of an info metric that would be the same.
  Mul: ['+'],
  Div: ['*'],
  Gtr: ['>=', '<'],
  Gte: ['>', '<'],
  Lss: ['<=', '>'],
  Lte: ['<', '>'],
  Eql: ['!='],
  Neq: ['=='],
  And: ['unless'],
  Or: ['and'],
  Unless: ['and'],
};
const MATCHERS: Readonly<Record<string, string>> = { '=': '!=', '!=': '=', '=~': '!~', '!~': '=~' };
const CONTEXT = 40;

/** Every mutant of every rule: operators, matchers, numbers and durations, those of `for` and `keep_firing_for` too. */
export function allMutants(groups: readonly PrometheusGroup[]): Mutant[] {
  return groups.flatMap((group, i) =>
    group.rules.flatMap((rule, j) =>
      mutateRule(rule).map(({ change, mutated }) => ({
        rule: rule.alert ?? rule.record ?? '',
        change,
        groups: groups.with(i, { ...group, rules: group.rules.with(j, mutated) }),
      })),
    ),
  );
}

function mutateRule(rule: PrometheusRule): { change: string; mutated: PrometheusRule }[] {
  const found = numbered(mutateExpression(rule.expr)).map(({ change, expr }) => ({
    change,
    mutated: { ...rule, expr },
  }));
  for (const field of ['for', 'keep_firing_for'] as const) {
    const duration = rule[field];
    if (duration === undefined) continue;
    for (const other of otherDurations(duration)) {
      found.push({ change: `${field}: ${duration} → ${other}`, mutated: { ...rule, [field]: other } });
    }
  }
  // Two rules of one name are told apart by what only one of them has.
  const severity =
    rule.labels?.['severity'] ?? rule.labels?.['memory'] ?? rule.labels?.['property'] ?? rule.labels?.['what'];
  return severity === undefined ? found : found.map((one) => ({ ...one, change: `${severity}: ${one.change}` }));
}

/** Tells those apart whose words are the same. */
function numbered<T extends { readonly change: string }>(mutants: readonly T[]): T[] {
  const counts = new Map<string, number>();
  return mutants.map((mutant) => {
    const count = (counts.get(mutant.change) ?? 0) + 1;
    counts.set(mutant.change, count);
    return count === 1 ? mutant : { ...mutant, change: `${mutant.change} (${count})` };
  });
}

function mutateExpression(expr: string): { change: string; expr: string }[] {
  const found: { change: string; expr: string }[] = [];
  parser.parse(expr).iterate({
    enter({ name, from, to }) {
      const text = expr.slice(from, to);
      for (const other of replacements(name, text)) {
        const before = expr.slice(Math.max(0, from - CONTEXT), from);
        const after = expr.slice(to, to + CONTEXT);
        found.push({
          change: `${before}«${text} → ${other}»${after}`.replaceAll(/\s+/gu, ' '),
          expr: expr.slice(0, from) + other + expr.slice(to),
        });
      }
      // The operator of a matcher has children of the same names as those of expressions.
      return name !== 'MatchOp';
    },
  });
  return found;
}

function replacements(name: string, text: string): readonly string[] {
  if (name === 'MatchOp') return [MATCHERS[text] ?? ''];
  if (name === 'NumberDurationLiteral') return otherNumbers(Number(text));
  if (name === 'NumberDurationLiteralInDurationContext') return otherDurations(text);
  return OPERATORS[name] ?? [];
}

function otherNumbers(value: number): string[] {
  if (Number.isInteger(value) && value < 20) return [String(value + 1), String(value - 1)];
  return [String(value * 1.1), String(value * 0.9)];
}

function otherDurations(text: string): string[] {
  const seconds = parseDuration(text);
  return [formatDuration(Math.ceil(seconds * 1.5)), formatDuration(Math.ceil(seconds * 0.5))];
}
