import { Counter, Gauge, Registry } from 'prom-client';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import type { Family } from '../../../src/metrics/family.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';

/** Draws a snapshot as prom-client is mostly used: metrics that are reset and set anew for each page. */
export function idiomaticPage(): (snapshot: Snapshot) => Promise<string> {
  const registry = new Registry();
  const metrics = FAMILIES.map((family) => {
    const { name, help, labels: labelNames } = family;
    const options = { name, help, labelNames, registers: [registry] };
    return { family, metric: family.type === 'counter' ? new Counter(options) : new Gauge(options) };
  });
  return (snapshot) => {
    for (const { family, metric } of metrics) {
      metric.reset();
      setAll(metric, family, snapshot);
    }
    return registry.metrics();
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
