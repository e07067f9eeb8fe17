import { createDataFrame, FieldType } from '@grafana/data';

/** The time shown, in seconds, and what stands for Grafana's intervals. */
export interface Times {
  to: number;
  seconds: number;
  step: number;
  window: string;
  rateInterval: string;
}

/** The answers to a panel's queries, as Grafana's data source hands them to the panel. */
export async function ask(panel, times: Times) {
  const frames = await Promise.all(
    (panel.targets ?? []).map(async (target) => {
      const result = await query(target, times);
      if (target.format === 'table') return [tableFrame(target.refId, result, panel.targets.length === 1)];
      return result.map((one) => seriesFrame(target, one));
    }),
  );
  return frames.flat();
}

async function query({ expr, instant }, times: Times) {
  const text = expr
    .replaceAll('$__rate_interval', times.rateInterval)
    .replaceAll('$__range_s', times.seconds)
    .replaceAll('$__range', `${times.seconds}s`)
    .replaceAll('$window', times.window)
    .replaceAll(/\$(job|instance|device)\b/gu, '.+')
    .replaceAll('[30d:5m]', `[${times.seconds}s:2s]`);
  const { to, seconds, step } = times;
  const when = instant ? { time: to } : { start: to - seconds, end: to, step };
  const body = new URLSearchParams({ query: text, ...when });
  const response = await fetch(`/prometheus/api/v1/${instant ? 'query' : 'query_range'}`, { method: 'POST', body });
  const answer = await response.json();
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${text}`);
  return answer.data.result;
}

function seriesFrame({ refId, legendFormat }, { metric, value, values }) {
  const samples = values ?? [value];
  const name =
    legendFormat === '__auto'
      ? Object.values(metric).join(' ') || 'Value'
      : legendFormat.replaceAll(/\{\{\s*(\w+)\s*\}\}/gu, (_, label) => metric[label] ?? '');
  return createDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: samples.map(([time]) => time * 1000) },
      {
        name: 'Value',
        type: FieldType.number,
        labels: metric,
        config: { displayNameFromDS: name },
        values: samples.map(([, text]) => Number(text)),
      },
    ],
  });
}

function tableFrame(refId: string, result, single: boolean) {
  const labels = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))];
  return createDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map(({ value }) => value[0] * 1000) },
      ...labels.map((label) => ({
        name: label,
        type: FieldType.string,
        values: result.map(({ metric }) => metric[label] ?? ''),
      })),
      {
        name: single ? 'Value' : `Value #${refId}`,
        type: FieldType.number,
        values: result.map(({ value }) => Number(value[1])),
      },
    ],
  });
}
