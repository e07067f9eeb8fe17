import { firings } from './alert-states.ts';
import type { Firing } from './alert-states.ts';
import { encodeWriteRequest } from './remote-write.ts';
import type { WriteSeries } from './remote-write.ts';
import { inOrderOfUse, metricsOf } from './rule-files.ts';
import type { AlertRule, RecordingRule, RuleGroup } from './rule-files.ts';

/** The labels of an alert as Alertmanager gets it, and when it fires. */
export interface FiringAlert extends Firing {
  readonly labels: Readonly<Record<string, string>>;
}

/** A stretch of time in which rules are evaluated, in seconds since the epoch. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
  /** Between evaluations of groups that have no interval of their own, or of all groups where `same` is set. */
  readonly step: number;
  readonly same?: boolean;
  /** Of records that read themselves: how often, and how many evaluations at once. Above 1 they see themselves too late. */
  readonly own: { readonly step: number; readonly steps: number };
}

interface Matrix {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [number, string])[];
  }[];
}

/** Steps of one query: more cost memory, fewer cost time. */
const STEPS_PER_QUERY = 720;

/**
 * Evaluates rules over the past with Prometheus's own query engine: records are written back, marked where they end, and
 * what the alerts' expressions give is made into alerts that fire. Groups come after those whose records they use.
 */
export async function evaluateRules(
  url: string,
  groups: readonly RuleGroup[],
  stretch: Stretch,
  log: (line: string) => void = () => undefined,
): Promise<FiringAlert[]> {
  const alerts: FiringAlert[] = [];
  for (const group of inOrderOfUse(groups)) {
    const started = performance.now();
    const step = stretch.same === true ? stretch.step : (group.intervalSeconds ?? stretch.step);
    for (const rule of group.rules) {
      if (rule.kind === 'record') await record(url, rule, { ...stretch, step });
      else alerts.push(...(await evaluateAlert(url, rule, { ...stretch, step })));
    }
    log(`${group.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  return alerts;
}

async function record(url: string, rule: RecordingRule, stretch: Stretch): Promise<void> {
  const { until } = stretch;
  if (!metricsOf(rule.expression).includes(rule.name)) {
    await recordAtOnce(url, rule, stretch);
    return;
  }
  const { step, steps } = stretch.own;
  for (let from = firstStep({ ...stretch, step }); from <= until; from += steps * step) {
    await recordAtOnce(url, rule, { ...stretch, step, from, until: Math.min(from + (steps - 1) * step, until) });
  }
}

async function recordAtOnce(url: string, rule: RecordingRule, stretch: Stretch): Promise<void> {
  const found = await timesOf(url, rule.expression, stretch);
  const series = [...found.values()].map(({ metric, times, values }) =>
    withEnds({ ...metric, ...rule.labels, __name__: rule.name }, times, values, stretch),
  );
  await write(url, series);
}

/** With a marker at the first evaluation of each gap. */
function withEnds(
  labels: Readonly<Record<string, string>>,
  times: readonly number[],
  values: readonly number[],
  { step, until }: Stretch,
): WriteSeries {
  const marked: [number, number][] = [];
  for (const [index, time] of times.entries()) {
    marked.push([time * 1000, values[index] ?? 0]);
    const next = times[index + 1] ?? Infinity;
    if (next > time + step && time + step <= until) marked.push([(time + step) * 1000, Number.NaN]);
  }
  return { labels: sorted(labels), times: marked.map(([time]) => time), values: marked.map(([, value]) => value) };
}

async function evaluateAlert(url: string, rule: AlertRule, stretch: Stretch): Promise<FiringAlert[]> {
  const found = await timesOf(url, rule.expression, stretch);
  return [...found.values()].flatMap(({ metric, times }) => {
    const own = Object.entries(metric).filter(([name]) => name !== '__name__');
    const labels = { ...Object.fromEntries(own), ...rule.labels, alertname: rule.name };
    const evaluation = { step: stretch.step, end: stretch.until };
    return firings(times, evaluation, rule).map((firing) => ({ ...firing, labels }));
  });
}

interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly times: number[];
  readonly values: number[];
}

/** When an expression has a value, by its labels. */
async function timesOf(url: string, expression: string, stretch: Stretch): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const { until, step } = stretch;
  for (let start = firstStep(stretch); start <= until; start += STEPS_PER_QUERY * step) {
    const end = Math.min(start + (STEPS_PER_QUERY - 1) * step, until);
    const { result } = await queryRange(url, { query: expression, start, end, step });
    for (const { metric, values } of result) {
      const key = JSON.stringify(sorted(metric));
      const series = found.get(key) ?? { metric, times: [], values: [] };
      found.set(key, series);
      for (const [time, value] of values) {
        series.times.push(time);
        series.values.push(Number(value));
      }
    }
  }
  return found;
}

function firstStep({ from, step }: Stretch): number {
  return Math.ceil(from / step) * step;
}

async function queryRange(url: string, parameters: Readonly<Record<string, string | number>>): Promise<Matrix> {
  const body = new URLSearchParams(
    Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body });
  const answer = (await response.json()) as { readonly status: string; readonly data: Matrix; readonly error?: string };
  if (answer.status !== 'success') throw new Error(`${parameters['query'] ?? ''}: ${answer.error ?? ''}`);
  return answer.data;
}

/** Samples of one request: what Prometheus appends at once. */
const SAMPLES_PER_WRITE = 300_000;

/** Writes samples to a Prometheus that has the remote write receiver. */
export async function write(url: string, series: readonly WriteSeries[]): Promise<void> {
  let batch: WriteSeries[] = [];
  let samples = 0;
  const send = async (): Promise<void> => {
    if (batch.length === 0) return;
    const headers = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' };
    const response = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers,
      body: new Uint8Array(encodeWriteRequest(batch)),
    });
    if (!response.ok) throw new Error(`remote write: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
    batch = [];
    samples = 0;
  };
  for (const one of series) {
    batch.push(one);
    samples += one.times.length;
    if (samples > SAMPLES_PER_WRITE) await send();
  }
  await send();
}

function sorted(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
