import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testRules } from '../support/promtool.ts';
import { panelsOf, readDashboards } from './dashboards.ts';

const OF_JOB = 'cluster="a", job="tenstorrent"';
const ALERTS = [
  `ALERTS{alertname="TenstorrentFleetBlind", alertstate="firing", severity="critical", ${OF_JOB}}`,
  `ALERTS{alertname="TenstorrentExporterDown", alertstate="firing", severity="critical", ${OF_JOB}, instance="one"}`,
  `ALERTS{alertname="TenstorrentExporterDown", alertstate="firing", severity="critical", ${OF_JOB}, instance="two"}`,
  'ALERTS{alertname="TenstorrentFleetBlind", alertstate="firing", severity="critical", cluster="a", job="other"}',
];

test('alerts about a whole job are in the table of alerts, whichever hosts are chosen', async () => {
  const fleet = (await readDashboards()).get('fleet.json');
  assert(fleet !== undefined);
  const { expr = '' } = panelsOf(fleet).find(({ title }) => title === 'Alerts')?.targets?.[0] ?? {};
  const seen = (index: number): { labels: string; value: number } => ({
    labels: (ALERTS[index] ?? '').replace('ALERTS', ''),
    value: 1,
  });
  const asked = [
    { instances: '.+', shows: [seen(0), seen(1), seen(2)] },
    { instances: '(one|three)', shows: [seen(0), seen(1)] },
  ];
  const { exitCode, output } = await promtoolAnswers(
    asked.map(({ instances, shows }) => ({
      expr: expr.replaceAll('$instance', instances).replaceAll('$job', 'tenstorrent'),
      eval_time: '1m',
      exp_samples: shows,
    })),
  );
  assert.equal(exitCode, 0, output);
});

/** A file that gives what promtool's tests of queries have to say about the alerts above. */
async function promtoolAnswers(promqlExprTest: readonly object[]): ReturnType<typeof testRules> {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-table-'));
  try {
    const path = join(folder, 'test.yml');
    const inputSeries = ALERTS.map((series) => ({ series, values: '1x3' }));
    const tests = [{ interval: '1m', input_series: inputSeries, promql_expr_test: promqlExprTest }];
    await writeFile(path, JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests }));
    return await testRules(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
