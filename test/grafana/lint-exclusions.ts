import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DASHBOARDS_FOLDER } from './dashboards.ts';
import type { Dashboard } from './dashboards.ts';

/** What a rule does not look at, as grafana/dashboard-linter reads it from `.lint` beside the dashboards. */
interface Exclusion {
  readonly reason: string;
  readonly entries: readonly { readonly dashboard: string; readonly panel: string; readonly targetIdx: number }[];
}

export type Exclusions = Readonly<Record<string, Exclusion>>;

export async function readExclusions(): Promise<Exclusions> {
  const text = await readFile(join(DASHBOARDS_FOLDER, '.lint'), 'utf8');
  return (parse(text) as { exclusions: Exclusions }).exclusions;
}

/** The dashboard without the targets that a rule does not look at. */
export function withoutExcluded(dashboard: Dashboard, rule: string, exclusions: Exclusions): Dashboard {
  const entries = (exclusions[`${rule}-rule`]?.entries ?? []).filter((entry) => entry.dashboard === dashboard.title);
  const panels = dashboard.panels.map((panel) => {
    const excluded = new Set(entries.filter((entry) => entry.panel === panel.title).map(({ targetIdx }) => targetIdx));
    if (excluded.size === 0) return panel;
    return { ...panel, targets: panel.targets?.filter((_, index) => !excluded.has(index)) ?? [] };
  });
  return { ...dashboard, panels };
}
