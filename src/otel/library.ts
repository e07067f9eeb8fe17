import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import { FAMILIES } from '../metrics/catalogue.ts';
import type { Family } from '../metrics/family.ts';
import { drawSamples } from '../samples/draw-samples.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { SampleProducer } from './producer.ts';

/**
 * For the `metricProducers` of another program's readers: all device families with OpenTelemetry's names. `collect` gives
 * a snapshot, in so many milliseconds at most; where it rejects, the reader is told and there are no metrics.
 */
export function createMetricProducer(
  collect: (timeoutMs: number) => Promise<Snapshot>,
  families: readonly Family[] = FAMILIES,
): MetricProducer {
  return new SampleProducer({ read: async (timeoutMs) => drawSamples(await collect(timeoutMs), families) });
}
