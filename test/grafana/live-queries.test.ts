import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { panelsOf, readDashboards } from './dashboards.ts';
import type { Dashboard } from './dashboards.ts';
import { SHORT, substitute } from './substitute.ts';
import { startWatchedFleet } from './watched-fleet.ts';
import type { WatchedFleet } from './watched-fleet.ts';

/** Leaks have to grow, processes to die and alerts to fire first; on a busy machine that takes longer. */
const PATIENCE_SECONDS = 180;
const PAUSE_MILLISECONDS = 3000;

interface Asked {
  readonly what: string;
  readonly expr: string;
  readonly instant: boolean;
}

const dashboards = await readDashboards();
let fleet: WatchedFleet | undefined;
before(async () => {
  fleet = await startWatchedFleet();
});
after(async () => {
  await fleet?.close();
});

test('every query of every panel and every annotation gives finite values', async () => {
  let missing: Asked[] = [...dashboards].flatMap(([name, dashboard]) => questionsOf(name, dashboard));
  const until = performance.now() + PATIENCE_SECONDS * 1000;
  while (missing.length > 0 && performance.now() < until) {
    await setTimeout(PAUSE_MILLISECONDS);
    const unanswered = [];
    for (const asked of missing) if (!(await hasFinite(asked))) unanswered.push(asked);
    missing = unanswered;
  }
  assert.deepEqual(
    missing.map(({ what, expr }) => `${what}\n${expr}`),
    [],
  );
});

test('every variable has values', async () => {
  for (const [name, { templating }] of dashboards) {
    for (const { name: variable, type, query = '' } of templating.list) {
      if (type !== 'query') continue;
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/u.exec(query) ?? [];
      const match = encodeURIComponent(substitute(selector));
      const values = (await api(`label/${label}/values?match[]=${match}`)) as string[];
      assert(values.length > 0, `${name}, ${variable}: ${query}`);
    }
  }
});

function questionsOf(name: string, dashboard: Dashboard): Asked[] {
  const ofPanels = panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, instant = false }) => ({ what: `${name}, ${title}, ${refId}`, expr, instant })),
  );
  const ofAlerts = dashboard.annotations.list.map(({ expr }) => ({
    what: `${name}, annotations`,
    expr,
    instant: false,
  }));
  return [...ofPanels, ...ofAlerts].map((asked) => ({ ...asked, expr: substitute(asked.expr) }));
}

/** Whether there is a series with a number that is neither NaN nor infinite. */
async function hasFinite({ expr, instant }: Asked): Promise<boolean> {
  const query = encodeURIComponent(expr);
  const now = Date.now() / 1000;
  const path = instant
    ? `query?query=${query}`
    : `query_range?query=${query}&start=${now - SHORT.rangeSeconds}&end=${now}&step=2`;
  const { result } = (await api(path)) as { result: { value?: Sample; values?: Sample[] }[] };
  return result.some(({ value, values }) =>
    [...(value === undefined ? [] : [value]), ...(values ?? [])].some(([, text]) => Number.isFinite(Number(text))),
  );
}

type Sample = readonly [number, string];

function api(path: string): Promise<unknown> {
  assert(fleet !== undefined);
  return fleet.prometheus.api(path);
}
