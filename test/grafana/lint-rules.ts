import { panelsOf } from './dashboards.ts';
import type { Dashboard, Panel, Target, Variable } from './dashboards.ts';
import { parseQuery } from './promql.ts';
import { UNITS } from './units.ts';

/** A rule of grafana/dashboard-linter, as it is named there. Gives what is wrong, in words. */
export interface LintRule {
  readonly name: string;
  check(dashboard: Dashboard): string[];
}

const DATASOURCE = new Set(['$datasource', '${datasource}']);
const RATES = new Set(['rate', 'irate']);
const COUNTING = new Set([...RATES, 'increase']);

export const LINT_RULES: readonly LintRule[] = [
  { name: 'template-datasource', check: checkDatasourceVariable },
  { name: 'template-job', check: (dashboard) => checkTargetVariable(dashboard, 'job', 'Job') },
  { name: 'template-instance', check: (dashboard) => checkTargetVariable(dashboard, 'instance', 'Instance') },
  { name: 'template-label-promql', check: checkVariableQueries },
  {
    name: 'template-on-time-change-reload',
    check: (dashboard) =>
      queryVariables(dashboard)
        .filter(({ refresh }) => refresh !== 2)
        .map(({ name }) => `${name} is not asked again when the time changes`),
  },
  {
    name: 'panel-datasource',
    check: onPanels(({ datasource }) => (DATASOURCE.has(datasource?.uid ?? '') ? [] : ['does not use $datasource'])),
  },
  {
    name: 'panel-title-description',
    check: onPanels(({ title, description }) => (title && description ? [] : ['has no title or no description'])),
  },
  { name: 'panel-units', check: onPanels(checkUnits) },
  {
    name: 'panel-no-targets',
    check: onPanels(({ targets }) => ((targets?.length ?? 0) > 0 ? [] : ['asks for nothing'])),
  },
  { name: 'target-promql', check: onTargets(({ expr }) => parseQuery(expr).errors) },
  {
    name: 'target-rate-interval',
    check: onSelectors(({ metric, range, rangeOf }) =>
      RATES.has(rangeOf ?? '') && range !== '[$__rate_interval]' && range !== '$__rate_interval'
        ? [`${metric}: ${rangeOf ?? ''} over ${range ?? ''}`]
        : [],
    ),
  },
  { name: 'target-job', check: onSelectors((selector) => requireMatcher(selector, 'job')) },
  { name: 'target-instance', check: onSelectors((selector) => requireMatcher(selector, 'instance')) },
  {
    name: 'target-counter-agg',
    check: onSelectors(({ metric, rangeOf }) =>
      metric.endsWith('_total') && !COUNTING.has(rangeOf ?? '') ? [`${metric} is not counted by rate or increase`] : [],
    ),
  },
  {
    name: 'uneditable-dashboard',
    check: ({ editable }) => (editable ? ['can be edited, and would lose the edits'] : []),
  },
];

function checkDatasourceVariable({ templating }: Dashboard): string[] {
  const found = templating.list.filter(({ type }) => type === 'datasource');
  const good = found.some(
    ({ name, label, query }) => name === 'datasource' && label === 'Data source' && query === 'prometheus',
  );
  return good && found.length === 1 ? [] : ['has no one variable "datasource" for Prometheus'];
}

function checkTargetVariable({ templating }: Dashboard, name: string, label: string): string[] {
  const variable = templating.list.find((one) => one.name === name);
  if (variable === undefined) return [`has no variable ${name}`];
  const wrong: [string, boolean][] = [
    ['is no query', variable.type !== 'query'],
    ['does not use $datasource', !DATASOURCE.has(variable.datasource?.uid ?? '')],
    [`is not labelled ${label}`, variable.label !== label],
    ['cannot take several', variable.multi !== true],
    ['has no allValue ".+"', variable.allValue !== '.+'],
  ];
  return wrong.filter(([, is]) => is).map(([what]) => `${name} ${what}`);
}

function checkVariableQueries(dashboard: Dashboard): string[] {
  return queryVariables(dashboard).flatMap(({ name, query = '' }) => {
    const [, , argument] = /^(label_names|label_values|metrics|query_result)\((.+)\)$/u.exec(query) ?? [];
    if (argument === undefined) return [`${name}: "${query}" is no query of a variable`];
    return parseQuery(argument.replace(/,\s*\w+$/u, '')).errors.map((error) => `${name}: ${error}`);
  });
}

function queryVariables({ templating }: Dashboard): Variable[] {
  return templating.list.filter(({ type }) => type === 'query');
}

function checkUnits({ fieldConfig }: Panel): string[] {
  const overridden = (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'unit').map(({ value }) => String(value)),
  );
  return [fieldConfig?.defaults.unit ?? '', ...overridden]
    .filter((unit) => !UNITS.has(unit))
    .map((unit) => `"${unit}" is no unit`);
}

function requireMatcher(
  { metric, matchers }: { metric: string; matchers: readonly string[] },
  label: string,
): string[] {
  return matchers.includes(`${label}=~"$${label}"`) ? [] : [`${metric} does not go by $${label}`];
}

function onPanels(check: (panel: Panel) => readonly string[]): LintRule['check'] {
  return (dashboard) => panelsOf(dashboard).flatMap((panel) => check(panel).map((wrong) => `${panel.title}: ${wrong}`));
}

function onTargets(check: (target: Target) => readonly string[]): LintRule['check'] {
  return onPanels(({ targets = [] }) =>
    targets.flatMap((target) => check(target).map((it) => `${target.refId}: ${it}`)),
  );
}

function onSelectors(
  check: (selector: ReturnType<typeof parseQuery>['selectors'][number]) => readonly string[],
): LintRule['check'] {
  return onTargets(({ expr }) => parseQuery(expr).selectors.flatMap(check));
}
