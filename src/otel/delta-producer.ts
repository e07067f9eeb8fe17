import type { CollectionResult, MetricCollectOptions, MetricProducer } from '@opentelemetry/sdk-metrics';
import type { DeltaBook } from './delta-book.ts';

/** Another producer's metrics, with deltas in place of what was counted. For one reader of metrics. */
export class DeltaProducer implements MetricProducer {
  readonly #producer: MetricProducer;
  readonly #book: DeltaBook;

  constructor(producer: MetricProducer, book: DeltaBook) {
    this.#producer = producer;
    this.#book = book;
  }

  async collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await this.#producer.collect(options);
    const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: this.#book.deltas(metrics),
    }));
    return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors };
  }
}
