import { Counter, Gauge, Registry } from 'prom-client';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import type { Family } from '../../../src/metrics/family.ts';
import { registerDeviceFamilies } from '../../../src/metrics/prom-client/register-device-families.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { galaxySnapshot } from './galaxy-snapshot.ts';

// Milliseconds until the bytes of a page are ready, for the same snapshots: `node encode-bench.ts [processes a chip]`.

type Page = (snapshot: Snapshot) => Promise<number> | number;

/** prom-client as it is mostly used: gauges that are reset and set anew on each scrape. */
function idiomatic(): Page {
  const registry = new Registry();
  const metrics = FAMILIES.map((family) => {
    const { name, help, labels: labelNames } = family;
    const options = { name, help, labelNames, registers: [registry] };
    return { family, metric: family.type === 'counter' ? new Counter(options) : new Gauge(options) };
  });
  return async (snapshot) => {
    for (const { family, metric } of metrics) {
      metric.reset();
      setAll(metric, family, snapshot);
    }
    return Buffer.byteLength(await registry.metrics());
  };
}

function setAll(metric: Counter | Gauge, family: Family, snapshot: Snapshot): void {
  const set = (value: number, labelValues: readonly string[]): void => {
    const labels = Object.fromEntries(family.labels.map((label, at) => [label, labelValues[at] ?? '']));
    if (metric instanceof Gauge) metric.set(labels, value);
    else metric.inc(labels, value);
  };
  family.draw(snapshot, {
    sample: (value, ...labelValues: string[]) => {
      set(value, labelValues);
    },
    wide: set,
  });
}

function constMetrics(draw: (registry: Registry) => Promise<number>): Page {
  const registry = new Registry();
  let current: Snapshot | undefined;
  registerDeviceFamilies(registry, () =>
    current === undefined ? Promise.reject(new Error('none')) : Promise.resolve(current),
  );
  return (snapshot) => {
    current = snapshot;
    return draw(registry);
  };
}

const encoder = new PageEncoder();
const options = { ownFamilies: new Uint8Array(), ownSeries: 0 };
const pages: Readonly<Record<string, Page>> = {
  'page encoder, text': (snapshot) => encoder.encode(snapshot, { ...options, format: 'text' }).body.length,
  'page encoder, openmetrics': (snapshot) =>
    encoder.encode(snapshot, { ...options, format: 'openmetrics' }).body.length,
  'const metrics, getMetricsAsJSON': constMetrics(async (registry) => (await registry.getMetricsAsJSON()).length),
  'const metrics, metrics()': constMetrics(async (registry) => Buffer.byteLength(await registry.metrics())),
  'prom-client, reset and set': idiomatic(),
};

const processesPerChip = Number(process.argv[2] ?? 42);
const snapshots = Array.from({ length: 8 }, (_, seed) => galaxySnapshot(processesPerChip, seed));
const times = new Map(Object.keys(pages).map((name) => [name, [] as number[]]));
for (let round = 0; round < 60; round++) {
  for (const [name, page] of Object.entries(pages)) {
    // Each snapshot is new to the page before: nothing is the same object twice in a row.
    for (const snapshot of snapshots.slice(0, name.startsWith('page') ? 8 : 1)) {
      const start = performance.now();
      await page(snapshot);
      if (round >= 20) times.get(name)?.push(performance.now() - start);
    }
  }
}
const [first] = snapshots;
if (first !== undefined) {
  const { body, series } = encoder.encode(first, { ...options, format: 'text' });
  console.log(`${series} series, ${body.length} bytes`);
}
for (const [name, values] of times) {
  values.sort((a, b) => a - b);
  const at = (share: number): string => (values[Math.floor(values.length * share)] ?? NaN).toFixed(2);
  console.log(
    `${name.padEnd(34)} median ${at(0.5).padStart(7)} ms   p10 ${at(0.1).padStart(7)}   p90 ${at(0.9).padStart(7)}`,
  );
}
