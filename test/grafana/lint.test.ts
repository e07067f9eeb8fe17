import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panelsOf, readDashboards } from './dashboards.ts';
import type { Dashboard, Panel } from './dashboards.ts';
import { readExclusions, withoutExcluded } from './lint-exclusions.ts';
import { LINT_RULES } from './lint-rules.ts';

const dashboards = await readDashboards();
const exclusions = await readExclusions();
const sample = (): Dashboard => {
  const [first] = dashboards.values();
  assert(first !== undefined);
  return structuredClone(first);
};

for (const rule of LINT_RULES) {
  test(`${rule.name} holds on every dashboard`, () => {
    for (const [name, dashboard] of dashboards) {
      assert.deepEqual(rule.check(withoutExcluded(dashboard, rule.name, exclusions)), [], name);
    }
  });
}

test('what a rule does not look at breaks it, and there is a reason', () => {
  for (const [name, { reason, entries }] of Object.entries(exclusions)) {
    const rule = LINT_RULES.find((one) => `${one.name}-rule` === name);
    const wrong = [...dashboards.values()].flatMap((dashboard) => rule?.check(dashboard) ?? []);
    assert.equal(wrong.length, entries.length, `${name}: ${wrong.join('\n')}`);
    assert.notEqual(reason, '');
  }
});

/** How to break a dashboard for each rule. */
const BROKEN: Readonly<Record<string, (dashboard: Dashboard, panel: Panel) => void>> = {
  'template-datasource': ({ templating }) => templating.list.shift(),
  'template-job': (dashboard) => Object.assign(variable(dashboard, 'job'), { allValue: '.*' }),
  'template-instance': (dashboard) => Object.assign(variable(dashboard, 'instance'), { multi: false }),
  'template-label-promql': (dashboard) =>
    Object.assign(variable(dashboard, 'job'), { query: 'label_values(up{, job)' }),
  'template-on-time-change-reload': (dashboard) => Object.assign(variable(dashboard, 'job'), { refresh: 1 }),
  'panel-datasource': (_, panel) => (panel.datasource = { type: 'prometheus', uid: 'P1809F7CD0C75ACF3' }),
  'panel-title-description': (_, panel) => (panel.description = ''),
  'panel-units': (_, panel) => (panel.fieldConfig = { defaults: { unit: 'bytez' }, overrides: [] }),
  'panel-no-targets': (_, panel) => (panel.targets = []),
  'target-promql': breakQuery('sum(up{job=~"$job", instance=~"$instance"}'),
  'target-rate-interval': breakQuery('rate(x_total{job=~"$job", instance=~"$instance"}[5m])'),
  'target-job': breakQuery('up{instance=~"$instance"} / up{job=~"$job", instance=~"$instance"}'),
  'target-instance': breakQuery('up{job=~"$job", instance="a"}'),
  'target-counter-agg': breakQuery('sum(x_total{job=~"$job", instance=~"$instance"})'),
  'uneditable-dashboard': (dashboard) => (dashboard.editable = true),
};

for (const rule of LINT_RULES) {
  test(`${rule.name} finds what is wrong`, () => {
    const dashboard = sample();
    const [panel] = panelsOf(dashboard);
    assert(panel !== undefined);
    BROKEN[rule.name]?.(dashboard, panel);
    assert.equal(rule.check(dashboard).length, 1, rule.check(dashboard).join('\n'));
  });
}

function variable({ templating }: Dashboard, name: string): object {
  return templating.list.find((one) => one.name === name) ?? {};
}

function breakQuery(expr: string): (dashboard: Dashboard, panel: Panel) => void {
  return (_, panel) => {
    panel.targets = [{ refId: 'A', expr }];
  };
}
