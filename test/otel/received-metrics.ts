import type { OtlpKeyValue, OtlpMetric, OtlpPoint, OtlpRequest } from './otlp-receiver.ts';

/** A metric as it was received, whatever it was sent in; that of several requests is one again. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'counter' | 'delta' | 'updowncounter';
  readonly points: ReceivedPoint[];
}

export interface ReceivedPoint {
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly value: number;
  readonly startNanos: bigint;
  readonly timeNanos: bigint;
}

/** By name. */
export function receivedMetrics(requests: readonly OtlpRequest[]): Map<string, ReceivedMetric> {
  const metrics = new Map<string, ReceivedMetric>();
  for (const metric of requests.flatMap(metricsOfRequest)) {
    const { name, unit } = metric;
    const known = metrics.get(name) ?? { name, unit, kind: kindOf(metric), points: [] };
    known.points.push(...((metric.sum ?? metric.gauge)?.dataPoints.map(pointOf) ?? []));
    metrics.set(name, known);
  }
  return metrics;
}

export function resourceOf(request: OtlpRequest | undefined): ReceivedPoint['attributes'] {
  return attributesOf(request?.resourceMetrics[0]?.resource.attributes ?? []);
}

function metricsOfRequest(request: OtlpRequest): readonly OtlpMetric[] {
  return request.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}

function kindOf({ sum }: OtlpMetric): ReceivedMetric['kind'] {
  if (sum === undefined) return 'gauge';
  const cumulative = [2, 'AGGREGATION_TEMPORALITY_CUMULATIVE'].includes(sum.aggregationTemporality);
  if (!sum.isMonotonic && cumulative) return 'updowncounter';
  if (!sum.isMonotonic) throw new Error('what goes up and down as a delta');
  return cumulative ? 'counter' : 'delta';
}

function pointOf(point: OtlpPoint): ReceivedPoint {
  return {
    attributes: attributesOf(point.attributes),
    value: Number(point.asInt ?? point.asDouble),
    startNanos: BigInt(point.startTimeUnixNano),
    timeNanos: BigInt(point.timeUnixNano),
  };
}

function attributesOf(attributes: readonly OtlpKeyValue[]): ReceivedPoint['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? '') : Number(intValue)),
    ]),
  );
}
