import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { parseThresholds } from '../../alerts/generator/thresholds.ts';
import { fullSeries } from './case-file.ts';
import type { Case, CaseFile, ExpectedAlert } from './case-file.ts';
import { ALERTS_FOLDER } from './rule-set.ts';
import type { PrometheusGroup } from './rule-set.ts';

const RUNBOOK_URL = parseThresholds(readFileSync(join(ALERTS_FOLDER, 'thresholds.yaml'), 'utf8')).text('runbookUrl');

export interface RuleTestOptions {
  /** Whether targets have the label `cluster`. */
  readonly cluster: boolean;
}

/** Runs cases against rules with `promtool test rules`. Gives what it says is wrong; '' where all is as expected. */
export async function testRules(
  groups: readonly PrometheusGroup[],
  file: CaseFile,
  options: RuleTestOptions = { cluster: true },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rules-'));
  try {
    await writeFile(join(folder, 'rules.yml'), stringify({ groups }));
    const names: string[] = [];
    for (const interval of new Set(file.cases.map((one) => one.interval ?? '1m'))) {
      names.push(join(folder, `${interval}.yml`));
      const cases = file.cases.filter((one) => (one.interval ?? '1m') === interval);
      await writeFile(names.at(-1) ?? '', stringify(toPromtool(groups, { ...file, cases }, interval, options)));
    }
    return await runPromtool(names);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function toPromtool(
  groups: readonly PrometheusGroup[],
  file: CaseFile,
  interval: string,
  { cluster }: RuleTestOptions,
): object {
  return {
    rule_files: ['rules.yml'],
    evaluation_interval: interval,
    group_eval_order: groups.map(({ name }) => name),
    tests: file.cases.map((one) => ({
      name: one.name,
      interval,
      input_series: Object.entries(one.series).map(([series, values]) => ({
        series: fullSeries(series, cluster),
        values,
      })),
      alert_rule_test: Object.entries(one.at).map(([time, alerts]) => ({
        alertname: file.alert,
        eval_time: time,
        exp_alerts: alerts.map((alert) => toExpected(file, alert, cluster)),
      })),
      promql_expr_test: toValueTests(one, cluster),
    })),
  };
}

function toExpected(file: CaseFile, { text, ...labels }: ExpectedAlert, cluster: boolean): object {
  const all = { cluster: 'c', job: 'j', instance: 'a', ...file.labels, ...labels };
  return {
    // An empty label is none.
    exp_labels: Object.fromEntries(
      Object.entries(all).filter(([name, value]) => value !== '' && (cluster || name !== 'cluster')),
    ),
    exp_annotations: {
      summary: file.summary,
      description: text,
      runbook_url: RUNBOOK_URL.replace('{name}', file.alert),
    },
  };
}

function toValueTests({ values = {} }: Case, cluster: boolean): object[] {
  return Object.entries(values).flatMap(([time, byExpression]) =>
    Object.entries(byExpression).map(([expr, samples]) => ({
      expr,
      eval_time: time,
      exp_samples: samples.map((sample) => {
        const split = sample.lastIndexOf(' ');
        return {
          labels: fullSeries(`${expr}${sample.slice(0, split)}`, cluster),
          value: Number(sample.slice(split + 1)),
        };
      }),
    })),
  );
}

async function runPromtool(files: readonly string[]): Promise<string> {
  const child = spawn('promtool', ['test', 'rules', ...files], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? '' : output;
}
