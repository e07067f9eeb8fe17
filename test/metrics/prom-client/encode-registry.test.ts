import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { RegistryEncoder } from '../../../src/metrics/prom-client/encode-registry.ts';
import type { PageFormat } from '../../../src/reader/types.ts';

function filled(): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({ name: 'app_heat', help: 'Heat, "real".', labelNames: ['at'], registers }).set({ at: 'a"\n' }, 0.5);
  new Gauge({ name: 'app_unseen', help: 'No values.', labelNames: ['at'], registers });
  new Counter({ name: 'app_frees_total', help: 'Frees.', registers }).inc(2);
  new Counter({ name: 'app_old_style', help: 'A counter without a suffix.', registers }).inc(3);
  new Histogram({ name: 'app_wait_seconds', help: 'Wait.', labelNames: ['at'], buckets: [0.5, 1], registers }).observe(
    { at: 'b' },
    0.75,
  );
  new Summary({ name: 'app_size_bytes', help: 'Size.', percentiles: [0.5, 1], registers }).observe(4);
  return registry;
}

async function page(registry: Registry, format: PageFormat): Promise<{ text: string; samples: number }> {
  const { bytes, samples } = new RegistryEncoder().encode(await registry.getMetricsAsJSON(), format);
  return { text: Buffer.from(bytes).toString(), samples };
}

const TEXT = `# HELP app_heat Heat, "real".
# TYPE app_heat gauge
app_heat{at="a\\"\\n"} 0.5
# HELP app_frees_total Frees.
# TYPE app_frees_total counter
app_frees_total 2
# HELP app_old_style A counter without a suffix.
# TYPE app_old_style counter
app_old_style 3
# HELP app_wait_seconds Wait.
# TYPE app_wait_seconds histogram
app_wait_seconds_bucket{le="0.5",at="b"} 0
app_wait_seconds_bucket{le="1",at="b"} 1
app_wait_seconds_bucket{le="+Inf",at="b"} 1
app_wait_seconds_sum{at="b"} 0.75
app_wait_seconds_count{at="b"} 1
# HELP app_size_bytes Size.
# TYPE app_size_bytes summary
app_size_bytes{quantile="0.5"} 4
app_size_bytes{quantile="1"} 4
app_size_bytes_sum 4
app_size_bytes_count 1
`;

const OPENMETRICS = `# HELP app_heat Heat, \\"real\\".
# TYPE app_heat gauge
app_heat{at="a\\"\\n"} 0.5
# HELP app_frees Frees.
# TYPE app_frees counter
app_frees_total 2
# HELP app_old_style A counter without a suffix.
# TYPE app_old_style counter
app_old_style_total 3
# HELP app_wait_seconds Wait.
# TYPE app_wait_seconds histogram
app_wait_seconds_bucket{le="0.5",at="b"} 0
app_wait_seconds_bucket{le="1.0",at="b"} 1
app_wait_seconds_bucket{le="+Inf",at="b"} 1
app_wait_seconds_sum{at="b"} 0.75
app_wait_seconds_count{at="b"} 1
# HELP app_size_bytes Size.
# TYPE app_size_bytes summary
app_size_bytes{quantile="0.5"} 4
app_size_bytes{quantile="1.0"} 4
app_size_bytes_sum 4
app_size_bytes_count 1
`;

describe("prom-client's registry", () => {
  it('is drawn as text and as OpenMetrics, in any order, with the same names each time', async () => {
    const registry = filled();
    for (const format of ['openmetrics', 'text', 'openmetrics', 'text'] as const) {
      assert.deepEqual(await page(registry, format), { text: format === 'text' ? TEXT : OPENMETRICS, samples: 12 });
    }
  });

  it('is drawn as prom-client draws it in text, but for metrics without values', async () => {
    const theirs = (await filled().metrics()).replace(/# HELP app_unseen.*\n.*\n/, '').replace(/\n\n+/g, '\n');
    assert.equal((await page(filled(), 'text')).text, theirs);
  });
});
