import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOwnMetrics } from '../../../src/metrics/prom-client/own-metrics.ts';
import { OWN_FAMILIES } from '../../../src/metrics/prom-client/own-families.ts';
import type { PageFormat } from '../../../src/reader/types.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import type { ParsedFamily } from '../../support/exposition-parser.ts';
import { checkMetrics, readOpenMetrics } from '../../support/promtool.ts';

type Own = ReturnType<typeof createOwnMetrics>;

async function page(own: Own, format: PageFormat): Promise<Uint8Array> {
  const { bytes } = await own.encode(format);
  return format === 'text' ? bytes : Buffer.concat([bytes, Buffer.from('# EOF\n')]);
}

async function families(own: Own, format: PageFormat): Promise<ParsedFamily[]> {
  return parseExposition(await page(own, format), format);
}

function names(parsed: readonly ParsedFamily[]): string[] {
  return parsed.map(({ name }) => name);
}

describe("the exporter's own metrics", () => {
  it('say what it is, and count scrapes', async () => {
    const own = createOwnMetrics('1.2.3', 'abc', { processMetrics: false });
    own.observeScrape(0.02);
    own.observeScrape(0.5);
    const [build, scrapes, durations, ...others] = await families(own, 'text');
    assert.deepEqual(build?.samples, [
      {
        name: 'tt_exporter_build_info',
        labels: { version: '1.2.3', revision: 'abc', node_version: process.version },
        value: 1,
      },
    ]);
    assert.deepEqual(scrapes?.samples, [{ name: 'tt_exporter_scrapes_total', labels: {}, value: 2 }]);
    const count = durations?.samples.find(({ name }) => name === 'tt_exporter_scrape_duration_seconds_count');
    assert.equal(count?.value, 2);
    assert.deepEqual(others, [], 'no reload happened');
  });

  it('say how the last reload went, once there was one', async () => {
    const own = createOwnMetrics('1', '', { processMetrics: false });
    const reload = async (): Promise<number[]> =>
      (await families(own, 'text'))
        .filter(({ name }) => name.startsWith('tt_exporter_config_'))
        .flatMap(({ samples }) => samples.map(({ value }) => value));
    own.setReload(true, 1000.5);
    assert.deepEqual(await reload(), [1, 1000.5]);
    own.setReload(false, 2000);
    assert.deepEqual(await reload(), [0, 2000]);
  });

  it('count pushes from the first on, and are silent where there are none', async () => {
    const own = createOwnMetrics('1', '', { processMetrics: false });
    const samples = async () =>
      (await families(own, 'text'))
        .flatMap((family) => family.samples)
        .filter(({ name }) => name.includes('otlp'))
        .map(({ name, labels, value }) => [name, labels['result'], value]);
    assert.deepEqual(await samples(), []);
    const pushes = own.addPushes();
    const total = 'tt_exporter_otlp_exports_total';
    const last = 'tt_exporter_otlp_last_success_timestamp_seconds';
    assert.deepEqual(await samples(), [
      [total, 'success', 0],
      [total, 'failure', 0],
    ]);
    pushes.observe(true, 1000.5);
    pushes.observe(false, 2000);
    assert.deepEqual(await samples(), [
      [total, 'success', 1],
      [total, 'failure', 1],
      [last, undefined, 1000.5],
    ]);
  });

  it('are those of the table, with its texts', async () => {
    const own = createOwnMetrics('1', '', { processMetrics: false });
    own.addPushes().observe(true, 1);
    own.observeScrape(1);
    own.setReload(true, 1);
    assert.deepEqual(
      (await families(own, 'text')).map(({ name, type, help }) => ({ name, type, help })),
      OWN_FAMILIES.map(({ name, type, help }) => ({ name, type, help })),
    );
  });

  it('have the same names scrape after scrape, whichever format came before', async () => {
    const own = createOwnMetrics('1', '');
    const text = names(await families(own, 'text'));
    const openMetrics = names(await families(own, 'openmetrics'));
    assert.deepEqual(names(await families(own, 'text')), text);
    assert.deepEqual(names(await families(own, 'openmetrics')), openMetrics);
    assert.ok(text.includes('process_cpu_seconds_total') && openMetrics.includes('process_cpu_seconds'));
  });

  it('pass promtool and the OpenMetrics parser of Prometheus, process and Node metrics included', async () => {
    const own = createOwnMetrics('1', '');
    own.observeScrape(0.1);
    own.setReload(true, 1);
    own.addPushes().observe(true, 1);
    assert.deepEqual(await checkMetrics(await page(own, 'text')), { exitCode: 0, output: '' });
    const { exitCode, output } = await readOpenMetrics(await page(own, 'openmetrics'));
    assert.equal(exitCode, 0, output);
  });
});
