import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createGalaxyLoad } from '../../src/simulator/galaxy-load.ts';
import { useEngine } from '../support/docker/engine.ts';
import type { Engine } from '../support/docker/engine.ts';
import { startVictoriaMetrics } from '../support/docker/victoria-metrics.ts';
import type { StoredSeries, VictoriaMetrics } from '../support/docker/victoria-metrics.ts';
import { eventually } from '../support/eventually.ts';
import { startExporter } from '../support/start-exporter.ts';
import { pageSeries, pushedSeries } from './pushed-series.ts';
import type { ReceivedMetric } from './received-metrics.ts';

/** What was stored of the last push, as it would have been received. */
function lastValues(stored: readonly StoredSeries[]): Map<string, ReceivedMetric> {
  const metrics = new Map<string, ReceivedMetric>();
  for (const { metric, values, timestamps } of stored) {
    const { __name__: name = '', ...attributes } = metric;
    const known = metrics.get(name) ?? { name, unit: '', kind: 'gauge', points: [] };
    const timeNanos = BigInt(timestamps.at(-1) ?? 0) * 1_000_000n;
    known.points.push({ attributes, value: values.at(-1) ?? NaN, startNanos: 0n, timeNanos });
    metrics.set(name, known);
  }
  return metrics;
}

/** It keeps fractions as decimals: of a time in seconds the microsecond is another one. Whole numbers stay what they are. */
function isKeptAs(value: number, stored: number | undefined): boolean {
  if (stored === undefined || Number.isInteger(value)) return value === stored;
  return Math.abs(value - stored) <= Math.abs(value) * 1e-12;
}

describe('VictoriaMetrics in a container', () => {
  let engine: Engine;
  let store: VictoriaMetrics;
  before(async () => {
    engine = await useEngine();
    store = await startVictoriaMetrics();
  });
  after(() => engine.removeContainers());

  it('has the numbers of the page, of a Galaxy of 15,000 series', async (t) => {
    const host = await createGalaxyLoad();
    t.after(() => host.close());
    const exporter = await startExporter(host.flags(), {
      env: {
        ...host.faultsEnvironment(),
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: store.otlpUrl,
        OTEL_METRIC_EXPORT_INTERVAL: '3000',
      },
    });
    t.after(() => exporter.stop());
    const { body } = await exporter.scrape();
    const expected = pageSeries(body);
    assert.ok(expected.length > 14_500, String(expected.length));
    // Its last series are those of the exporter itself: then the whole push has come.
    const stored = await eventually(
      'a whole push',
      async () => {
        const series = await store.series();
        return series.some(({ metric }) => metric['__name__'] === 'tenstorrent.exporter.processes.folded') && series;
      },
      60,
    );
    const pushed = new Map(pushedSeries(lastValues(stored)));
    assert.deepEqual(
      [...pushed.keys()],
      expected.map(([name]) => name),
    );
    assert.deepEqual(
      expected.filter(([name, value]) => !isKeptAs(value, pushed.get(name))),
      [],
    );
    assert.equal(exporter.stderr().includes('cannot push'), false);
  });
});
