import { setGlobalErrorHandler } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Log } from '../log/log.ts';
import type { PushSettings } from './environment.ts';
import { createExporter } from './exporters.ts';
import { DeltaBook } from './delta-book.ts';
import { DeltaProducer } from './delta-producer.ts';
import type { SampleProducer } from './producer.ts';
import { ToldExporter } from './told-exporter.ts';

/**
 * Points of one request: about 1 MB. The Collector takes no more than 4 MiB in a gRPC message unless it is told to, and
 * what is encoded in one go keeps scrapes waiting.
 */
const POINTS_A_REQUEST = 4000;
/** Of the time that the last push has, what its reading may take. */
const LAST_READING_MS = 300;

export interface PushOptions {
  readonly settings: PushSettings;
  readonly producer: SampleProducer;
  readonly resource: Resource;
  readonly log: Log;
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string;
  /** Called with whether each request succeeded. */
  readonly onRequest?: ((successful: boolean) => void) | undefined;
}

/** Metrics that are pushed from now on, until it is stopped. */
export interface Push {
  /** Pushes a last time. The caller says how long it waits. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Begins to push; one push is over before the next one begins, and what could not be pushed is not kept, but for what
 * deltas counted.
 */
export async function startPush(options: PushOptions): Promise<Push> {
  const { settings, producer, resource, log, clean } = options;
  const { protocol, endpoint, temporality, intervalMs, timeoutMs } = settings;
  const book = temporality === 'delta' ? new DeltaBook() : undefined;
  const exporter = new ToldExporter(await createExporter(settings), {
    endpoint,
    log,
    clean,
    onResult: (metrics, successful) => {
      options.onRequest?.(successful);
      if (successful) book?.taken(metrics);
    },
  });
  // The exporter has told it already.
  setGlobalErrorHandler(() => undefined);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
    metricProducers: [book === undefined ? producer : new DeltaProducer(producer, book)],
    maxExportBatchSize: POINTS_A_REQUEST,
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  log.info('pushing metrics', { endpoint, protocol, interval_ms: intervalMs });
  return {
    stop: async () => {
      producer.hurry(LAST_READING_MS);
      await provider.shutdown().catch(() => undefined);
    },
  };
}
