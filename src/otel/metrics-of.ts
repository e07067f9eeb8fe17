import { ValueType } from '@opentelemetry/api';
import type { HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { FAMILIES, FAMILIES_WITH_USER } from '../metrics/catalogue.ts';
import type { FamilySamples, SampleTable } from '../samples/sample-table.ts';
import type { OtelMetric } from './otel-metric.ts';
import { OTEL_METRICS } from './otel-names.ts';
import { pointsOf, statusPoints } from './points.ts';
import type { PointContext } from './points.ts';
import { findSubjects } from './subjects.ts';

/** When counters that others keep began, in seconds since the epoch; undefined where nobody knows. */
export interface CountingSince {
  readonly bootSeconds: number | undefined;
}

/** OpenTelemetry's word for a start that is not known. */
const UNKNOWN: HrTime = [0, 0];
const DESCRIPTIONS = new Map(FAMILIES.map(({ name, help }) => [name, help]));
/** By name and number of labels: tt_process_info has one more where users are shown. */
const LABELS = new Map(
  [...FAMILIES, ...FAMILIES_WITH_USER].map(({ name, labels }) => [`${name}/${labels.length}`, labels]),
);

/** Samples as OpenTelemetry's metrics: everything cumulative, nothing kept from one call to the next. */
export function metricsOf(table: SampleTable, { bootSeconds }: CountingSince): MetricData[] {
  const families = new Map(table.families.map((family) => [family.name, family]));
  const subjects = findSubjects(table);
  const server = families.get('tt_allocation_server_start_time_seconds')?.values[0];
  const starts = { reader: table.startedAtSeconds, allocation_server: server, boot: bootSeconds };
  const endTime = hrTime(table.takenAtSeconds);
  const metrics: MetricData[] = [];
  for (const metric of OTEL_METRICS) {
    const samples = families.get(metric.family);
    if (samples === undefined) continue;
    const start = metric.since === undefined ? undefined : starts[metric.since];
    const startTime = start === undefined ? UNKNOWN : hrTime(start);
    metrics.push(metricData(metric, samples, { texts: table.texts, subjects, startTime, endTime }));
  }
  return metrics;
}

function metricData(metric: OtelMetric, samples: FamilySamples, context: PointContext): MetricData {
  const labels = LABELS.get(`${samples.name}/${samples.labels}`);
  if (labels === undefined) throw new Error(`${samples.name} with ${samples.labels} labels is not in the catalogue`);
  const common = {
    descriptor: {
      name: metric.name,
      description: DESCRIPTIONS.get(metric.family) ?? '',
      unit: metric.unit,
      valueType: metric.valueType === 'int' ? ValueType.INT : ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: metric.status === true ? statusPoints(samples, context) : pointsOf(metric, labels, samples, context),
  };
  if (metric.kind === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE };
  return { ...common, dataPointType: DataPointType.SUM, isMonotonic: metric.kind === 'counter' };
}

/** Seconds and nanoseconds; microseconds are what a number holds of the time since the epoch. */
function hrTime(seconds: number): HrTime {
  const microseconds = Math.round(seconds * 1e6);
  return [Math.floor(microseconds / 1e6), (microseconds % 1e6) * 1000];
}
