import type { Attributes, ObservableCounter, ObservableGauge } from '@opentelemetry/api';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import type { Family } from '../../../src/metrics/family.ts';
import { attributeName, OTEL_METRICS } from '../../../src/otel/otel-names.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';

/** A reader that is asked by hand. */
class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Above what a Galaxy has: beyond it series are lost. */
const LIMIT = 100_000;

/** The usual way: an observable instrument a metric, all of them observed in one batch callback. */
export function batchObservables(): (snapshot: Snapshot) => Promise<ResourceMetrics> {
  const reader = new ManualReader({
    aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
    cardinalitySelector: () => LIMIT,
  });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('batch');
  const rows = OTEL_METRICS.filter(({ status }) => status === undefined).flatMap((metric) => {
    const family = FAMILIES.find(({ name }) => name === metric.family);
    if (family === undefined) return [];
    const options = { unit: metric.unit, description: family.help };
    const instrument: ObservableCounter | ObservableGauge =
      metric.kind === 'counter'
        ? meter.createObservableCounter(metric.name, options)
        : meter.createObservableGauge(metric.name, options);
    return [{ family, instrument, names: family.labels.map((label) => attributeName(metric, label)) }];
  });
  let current: Snapshot | undefined;
  meter.addBatchObservableCallback(
    (result) => {
      if (current === undefined) return;
      for (const { family, instrument, names } of rows) {
        observeAll(family, names, current, (value, attributes) => {
          result.observe(instrument, value, attributes);
        });
      }
    },
    rows.map(({ instrument }) => instrument),
  );
  return async (snapshot) => {
    current = snapshot;
    return (await reader.collect()).resourceMetrics;
  };
}

function observeAll(
  family: Family,
  names: readonly string[],
  snapshot: Snapshot,
  observe: (value: number, attributes: Attributes) => void,
): void {
  const put = (value: number, texts: readonly string[]): void => {
    const attributes: Attributes = {};
    for (const [at, name] of names.entries()) attributes[name] = texts[at] ?? '';
    observe(value, attributes);
  };
  family.draw(snapshot, {
    sample: (value, ...texts: string[]) => {
      put(value, texts);
    },
    wide: put,
  });
}
