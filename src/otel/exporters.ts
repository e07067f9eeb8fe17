import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { PushSettings } from './environment.ts';

/** Requests at the same time: the next one may begin a moment before the last is off the books. */
const CONCURRENCY = 2;

/** The official exporter of the protocol. What is not given here it reads from the environment. */
export async function createExporter({ protocol, requestTimeoutMs }: PushSettings): Promise<PushMetricExporter> {
  const options = { timeoutMillis: requestTimeoutMs, concurrencyLimit: CONCURRENCY };
  // Only the one that is wanted is loaded.
  switch (protocol) {
    case 'grpc':
      return new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter(options);
    case 'http/json':
      return new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter(options);
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter(options);
  }
}
