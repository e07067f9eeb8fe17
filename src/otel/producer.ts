import { uptime } from 'node:os';
import { emptyResource } from '@opentelemetry/resources';
import type { CollectionResult, MetricCollectOptions, MetricProducer } from '@opentelemetry/sdk-metrics';
import type { SampleTable } from '../samples/sample-table.ts';
import { VERSION } from '../version.ts';
import { metricsOf } from './metrics-of.ts';

/** The instrumentation scope of everything here. */
const SCOPE = { name: 'tenstorrent-exporter', version: VERSION };
/** Where a reader of metrics says nothing. */
const DEFAULT_TIMEOUT_MS = 10_000;

export interface ProducerOptions {
  /** Gives samples as they are now, in so many milliseconds at most. */
  readonly read: (timeoutMs: number) => Promise<SampleTable>;
  /** When the host booted, in seconds since the epoch; as the system says it by default. */
  readonly bootSeconds?: number;
}

/**
 * Gives OpenTelemetry's readers what the host is like when they ask. Nothing is kept from one time to the next: a
 * process that is gone is gone, and there is no limit on how many there are.
 */
export class SampleProducer implements MetricProducer {
  readonly #read: ProducerOptions['read'];
  readonly #bootSeconds: number;
  #maxMs = DEFAULT_TIMEOUT_MS;

  constructor({ read, bootSeconds }: ProducerOptions) {
    this.#read = read;
    this.#bootSeconds = bootSeconds ?? Math.floor(Date.now() / 1000 - uptime());
  }

  /** From now on no reading may take longer than so many milliseconds. */
  hurry(maxMs: number): void {
    this.#maxMs = maxMs;
  }

  /** Never rejects: what failed is in the errors, and there are no metrics then. */
  async collect({ timeoutMillis = DEFAULT_TIMEOUT_MS }: MetricCollectOptions = {}): Promise<CollectionResult> {
    const resource = emptyResource();
    try {
      const table = await this.#read(Math.min(timeoutMillis, this.#maxMs));
      const metrics = metricsOf(table, { bootSeconds: this.#bootSeconds });
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: SCOPE, metrics }] }, errors: [] };
    } catch (error) {
      return { resourceMetrics: { resource, scopeMetrics: [] }, errors: [error] };
    }
  }
}
