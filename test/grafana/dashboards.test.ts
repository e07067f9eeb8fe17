import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { readLimits } from '../../grafana/src/parts/limits.ts';
import { FAMILIES } from '../../src/metrics/catalogue.ts';
import { OWN_FAMILIES } from '../../src/metrics/prom-client/own-families.ts';
import { readGroups } from '../alerts/rule-set.ts';
import { DASHBOARDS_FOLDER, panelsOf, readDashboards } from './dashboards.ts';
import type { Dashboard } from './dashboards.ts';
import { NOT_SHOWN } from './not-shown.ts';
import { parseQuery } from './promql.ts';

const GRAFANA = join(import.meta.dirname, '..', '..', 'grafana');
const TAG = 'tenstorrent';
/** Beyond that nobody looks at all of them: what is open at first, and with what is in closed rows. */
const MOST_OPEN = 20;
const MOST_PANELS = 30;
const dashboards = await readDashboards();

interface Schema {
  readonly definitions: Readonly<Record<string, object>>;
}

test('the committed dashboards are what their source makes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dashboards-'));
  try {
    await promisify(execFile)(process.execPath, [join(GRAFANA, 'src', 'main.ts'), `--out=${folder}`]);
    for (const name of dashboards.keys()) {
      const [made, committed] = await Promise.all(
        [folder, DASHBOARDS_FOLDER].map((one) => readFile(join(one, name), 'utf8')),
      );
      assert.equal(committed, made, `${name}: npm run generate`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('there is a dashboard for each question', () => {
  assert.deepEqual([...dashboards.keys()], ['device.json', 'exporter.json', 'fleet.json', 'jobs.json', 'leaks.json']);
});

test("the dashboards fit Grafana's schema, and one with a field of another type or name does not", async () => {
  const schema = JSON.parse(await readFile(join(GRAFANA, 'schema', 'dashboard.schema.json'), 'utf8')) as Schema;
  // What a data source's plugin asks for stands beside the fields that all annotations have.
  const AnnotationQuery = { ...schema.definitions['AnnotationQuery'], additionalProperties: true };
  const definitions = { ...schema.definitions, AnnotationQuery };
  const validate = new Ajv({ strict: false, allErrors: true }).compile({ ...schema, definitions });
  for (const [name, dashboard] of dashboards) {
    assert(validate(dashboard), `${name}: ${JSON.stringify(validate.errors?.slice(0, 3), null, 1)}`);
  }
  const [first] = dashboards.values();
  for (const wrong of [{ tags: 'tenstorrent' }, { refesh: '1m' }, { panels: [{ type: 'stat', targets: {} }] }]) {
    assert.equal(validate({ ...first, ...wrong }), false, JSON.stringify(wrong));
  }
});

test('the dashboards are linked by their tag, with variables and time, and have the alerts on them', () => {
  for (const [name, { tags, links, annotations }] of dashboards) {
    assert.deepEqual(tags, [TAG], name);
    const shared = links.map(({ type, tags: linked, includeVars, keepTime }) => ({
      type,
      linked,
      includeVars,
      keepTime,
    }));
    assert.deepEqual(shared, [{ type: 'dashboards', linked: [TAG], includeVars: true, keepTime: true }], name);
    assert.deepEqual(
      annotations.list.map(({ datasource, enable }) => ({ uid: datasource.uid, enable })),
      [{ uid: '$datasource', enable: true }],
    );
    for (const { expr } of annotations.list) {
      assert.deepEqual(
        parseQuery(expr).selectors.map(({ metric }) => metric),
        ['ALERTS'],
      );
    }
  }
});

test('panels have numbers of their own, lie beside each other, and are not too many', () => {
  for (const [name, dashboard] of dashboards) {
    const panels = panelsOf(dashboard);
    assert(panels.length <= MOST_PANELS, `${name} has ${panels.length} panels`);
    const open = dashboard.panels.filter(({ type }) => type !== 'row').length;
    assert(open <= MOST_OPEN, `${name} opens ${open} panels`);
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, `${name}: a number twice`);
    const titles = panels.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length, `${name}: a title twice: ${titles.join(', ')}`);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length, `${name}: panels lie on each other`);
    assert(
      panels.every(({ gridPos: { x, w } }) => x + w <= 24),
      `${name}: a panel leaves the screen`,
    );
    for (const { type, title, fieldConfig } of panels) {
      if (type !== 'table') assert.equal(fieldConfig?.defaults.min, 0, `${name}, ${title}: does not begin at 0`);
    }
  }
});

test('rows are closed at first', () => {
  for (const { panels } of dashboards.values()) {
    for (const { type, collapsed } of panels) if (type === 'row') assert.equal(collapsed, true);
  }
});

test('panels judge by the numbers of the alerts', () => {
  const limits = readLimits();
  const steps = (name: string, title: string): unknown => {
    const panel = panelsOf(dashboards.get(name) as Dashboard).find((one) => one.title === title);
    return (
      panel?.fieldConfig?.defaults as { thresholds?: { steps: { value: number | null }[] } }
    ).thresholds?.steps.map(({ value }) => value);
  };
  assert.deepEqual(steps('leaks.json', 'Fullest chip'), [null, limits.halfFull, limits.almostFull]);
  assert.deepEqual(steps('leaks.json', 'First chip full in'), [null, limits.horizon, 86_400]);
  assert.deepEqual(steps('device.json', 'Below the throttle'), [null, limits.marginCelsius]);
  assert.deepEqual(steps('exporter.json', 'Slowest scrape'), [null, limits.scrapeShare * limits.scrapeSeconds]);
});

test('every metric is on a dashboard or in an alert, or is left out for a reason', async () => {
  const queries = [...dashboards.values()].flatMap((dashboard) =>
    panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  );
  const rules = (await readGroups()).flatMap((group) => group.rules.map(({ expr }) => expr));
  const used = new Set(
    [...queries, ...rules].flatMap((expr) =>
      parseQuery(expr).selectors.map(({ metric }) => metric.replace(/_(?:bucket|sum|count)$/u, '')),
    ),
  );
  const contract = [...FAMILIES, ...OWN_FAMILIES].map(({ name }) => name);
  assert.deepEqual(
    contract.filter((name) => !used.has(name)).sort(),
    [...NOT_SHOWN.keys()].sort(),
    'on the left: what is nowhere; on the right: what may be',
  );
});
