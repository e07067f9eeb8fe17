import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { startExporter } from '../support/start-exporter.ts';

const CONFIGURATION = (target: string) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: tenstorrent
    static_configs: [{ targets: ['${target}'] }]
`;

/** What tells a series apart, without what Prometheus adds and without empty labels, which it does not keep. */
function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const added = ['__name__', 'job', 'instance'];
  const own = Object.entries(labels).filter(([label, value]) => value !== '' && !added.includes(label));
  return `${name}${JSON.stringify(own.sort())}`;
}

it('a real Prometheus takes the page as OpenMetrics and has every sample of it', async () => {
  const host = await createSimulatedHost('mixed', { bootTime: BOOT_TIME });
  populateHost(host);
  const exporter = await startExporter(host.flags());
  const prometheus = await startPrometheus(CONFIGURATION(new URL(exporter.url).host));
  try {
    await eventually('a scrape', async () => (await prometheus.query('up == 1')).length > 0);
    const page = await exporter.scrape('/metrics', { accept: 'application/openmetrics-text; version=1.0.0' });
    const expected = parseExposition(Buffer.from(page.body), 'openmetrics');
    const taken = await prometheus.query('{job="tenstorrent", __name__=~"tt_.+"}');
    const values = new Map(taken.map(({ metric, value }) => [seriesKey(metric['__name__'] ?? '', metric), value[1]]));
    let compared = 0;
    for (const family of expected) {
      if (!family.name.startsWith('tt_') || family.name.startsWith('tt_exporter_')) continue;
      for (const { name, labels, value } of family.samples) {
        assert.equal(Number(values.get(seriesKey(name, labels))), value, seriesKey(name, labels));
        compared++;
      }
    }
    assert.ok(compared > 300, `${compared} samples`);
    // In the metadata a counter of OpenMetrics has no _total: proof of which format was read.
    const metadata = (await prometheus.api('targets/metadata?metric=tt_device_heartbeat')) as { type: string }[];
    assert.deepEqual(
      metadata.map(({ type }) => type),
      ['counter'],
    );
    const units = (await prometheus.api('targets/metadata?metric=tt_dram_allocated_bytes')) as { unit: string }[];
    assert.deepEqual(
      units.map(({ unit }) => unit),
      ['bytes'],
    );
  } finally {
    await prometheus.stop();
    await exporter.stop();
    await host.close();
  }
});
