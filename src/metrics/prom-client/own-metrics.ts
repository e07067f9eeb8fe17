import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OwnFamilies, PageFormat } from '../../reader/types.ts';
import { RegistryEncoder } from './encode-registry.ts';
import {
  BUILD_INFO,
  OTLP_EXPORTS,
  OTLP_LAST_SUCCESS,
  RELOAD_SUCCESSFUL,
  RELOAD_TIMESTAMP,
  SCRAPES,
  SCRAPE_DURATION,
} from './own-families.ts';
import { addProcessMetrics } from './process-metrics.ts';

const SCRAPE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of the process with the HTTP server. */
export interface OwnMetrics {
  readonly registry: Registry;
  /** Counts an answered scrape. */
  observeScrape(seconds: number): void;
  /** `atSeconds`: since the Unix epoch. Until the first call both families are absent. */
  setReload(successful: boolean, atSeconds: number): void;
  /** From now on there are families of pushing; they are absent where nothing is pushed. */
  addPushes(): PushMetrics;
  /** All of them as they are now, for the page; `# EOF` is not in it. */
  encode(format: PageFormat): Promise<OwnFamilies>;
}

export interface PushMetrics {
  /** Counts a request. `atSeconds`: since the Unix epoch. */
  observe(successful: boolean, atSeconds: number): void;
}

/** `processMetrics`: whether process_* and nodejs_* are in it. `revision`: '' where it is not known. */
export function createOwnMetrics(
  version: string,
  revision: string,
  { processMetrics = true }: { readonly processMetrics?: boolean } = {},
): OwnMetrics {
  const registry = new Registry();
  const encoder = new RegistryEncoder();
  const registers = [registry];
  new Gauge({ name: BUILD_INFO.name, help: BUILD_INFO.help, labelNames: BUILD_INFO.labels, registers }).set(
    { version, revision, node_version: process.version },
    1,
  );
  const scrapes = new Counter({ name: SCRAPES.name, help: SCRAPES.help, registers });
  const { name, help } = SCRAPE_DURATION;
  const durations = new Histogram({ name, help, buckets: SCRAPE_BUCKETS, registers });
  const successful = absentGauge(RELOAD_SUCCESSFUL, registry);
  const timestamp = absentGauge(RELOAD_TIMESTAMP, registry);
  if (processMetrics) addProcessMetrics(registry);
  return {
    registry,
    observeScrape(seconds) {
      scrapes.inc();
      durations.observe(seconds);
    },
    setReload(good, atSeconds) {
      successful.set(good ? 1 : 0);
      timestamp.set(atSeconds);
    },
    addPushes: () => addPushes(registry),
    async encode(format) {
      return encoder.encode(await registry.getMetricsAsJSON(), format);
    },
  };
}

function addPushes(registry: Registry): PushMetrics {
  const { name, help, labels } = OTLP_EXPORTS;
  const requests = new Counter({ name, help, labelNames: labels, registers: [registry] });
  const lastSuccess = absentGauge(OTLP_LAST_SUCCESS, registry);
  // A counter that begins at its first failure hides it from rate().
  for (const result of ['success', 'failure']) requests.inc({ result }, 0);
  return {
    observe(successful, atSeconds) {
      requests.inc({ result: successful ? 'success' : 'failure' });
      if (successful) lastSuccess.set(atSeconds);
    },
  };
}

/** prom-client gives a gauge without labels the value 0 before anybody set it. */
function absentGauge({ name, help }: { readonly name: string; readonly help: string }, registry: Registry): Gauge {
  const gauge = new Gauge({ name, help, registers: [registry] });
  gauge.remove();
  return gauge;
}
