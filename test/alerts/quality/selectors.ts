import { allOf } from './alertmanager-config.ts';
import type { Labels, Matcher } from './alertmanager-config.ts';
import type { RuleGroup } from './rule-files.ts';

/** Which series of each metric an expression selects: those that match one of them. */
export type Selectors = ReadonlyMap<string, readonly Matcher[]>;

/** The selectors of all rules, by the metric's name. A series that none matches changes nothing of what the rules say. */
export function selectorsOf(groups: readonly RuleGroup[], names: ReadonlySet<string>): Selectors {
  const found = new Map<string, Map<string, Matcher>>();
  for (const { expression } of groups.flatMap(({ rules }) => rules)) {
    for (const [, name = '', , matchers = ''] of expression.matchAll(
      /\b([a-z_][\w:]*)(\{((?:[^}"]|"(?:\\.|[^"\\])*")*)\})?/gu,
    )) {
      if (!names.has(name)) continue;
      const ofName = found.get(name) ?? new Map<string, Matcher>();
      found.set(name, ofName);
      ofName.set(matchers, allOf(splitMatchers(matchers)));
    }
  }
  return new Map([...found].map(([name, ofName]) => [name, [...ofName.values()]]));
}

/** Whether any rule can see a series. */
export function isSelected(selectors: Selectors, name: string, labels: Labels): boolean {
  return (selectors.get(name) ?? []).some((matches) => matches(labels));
}

function splitMatchers(text: string): string[] {
  return text.match(/\w+\s*(?:=~|!~|!=|=)\s*"(?:\\.|[^"\\])*"/gu) ?? [];
}
