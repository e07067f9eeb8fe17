import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter, Registry } from 'prom-client';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import { registerDeviceFamilies } from '../../../src/metrics/prom-client/register-device-families.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import type { ExpositionFormat, ParsedFamily } from '../../support/exposition-parser.ts';
import { bareProcess, bareSnapshot, richSnapshot } from '../../support/rich-snapshot.ts';

/** A host's registry with a metric of its own. */
function hostRegistry(collect: () => Promise<Snapshot>, onError?: (error: unknown) => void): Registry {
  const registry = new Registry();
  new Counter({ name: 'app_requests_total', help: 'Requests.', registers: [registry] }).inc(3);
  registerDeviceFamilies(registry, collect, onError);
  return registry;
}

async function familiesOf(registry: Registry, format: ExpositionFormat): Promise<ParsedFamily[]> {
  registry.setContentType(format === 'text' ? Registry.PROMETHEUS_CONTENT_TYPE : OPENMETRICS);
  const page = (await registry.metrics())
    .replaceAll('\n\n', '\n')
    // prom-client keeps HELP and TYPE where there are no samples, and does not escape quotes in HELP.
    .replace(/# HELP .*\n# TYPE .*\n(?=#|$)/g, '')
    .replace(/^# HELP .*$/gm, (line) => (format === 'text' ? line : line.replaceAll('"', '\\"')));
  return parseExposition(Buffer.from(page), format);
}

const OPENMETRICS = Registry.OPENMETRICS_CONTENT_TYPE as unknown as typeof Registry.PROMETHEUS_CONTENT_TYPE;

function encoded(snapshot: Snapshot, format: ExpositionFormat): ParsedFamily[] {
  const options = { format, ownFamilies: new Uint8Array(), ownSeries: 0 };
  const families = parseExposition(new PageEncoder().encode(snapshot, options).body, format);
  // prom-client draws no units.
  return families.slice(0, -1).map((family) => ({ ...family, unit: undefined }));
}

describe("the device families in somebody else's registry", () => {
  it('are what the page has, beside the metrics of the host', async () => {
    const registry = hostRegistry(() => Promise.resolve(richSnapshot()));
    const [own, ...families] = await familiesOf(registry, 'text');
    assert.equal(own?.name, 'app_requests_total');
    assert.deepEqual(families, encoded(richSnapshot(), 'text'));
  });

  it('keep their names when the page was drawn as OpenMetrics before', async () => {
    const registry = hostRegistry(() => Promise.resolve(richSnapshot()));
    const openMetrics = (await familiesOf(registry, 'openmetrics')).slice(1);
    assert.deepEqual(openMetrics, encoded(richSnapshot(), 'openmetrics'));
    assert.deepEqual((await familiesOf(registry, 'text')).slice(1), encoded(richSnapshot(), 'text'));
    assert.deepEqual((await familiesOf(registry, 'openmetrics')).slice(1), openMetrics);
  });

  it('are from one collection a page, and shared by pages at the same time', async () => {
    let collections = 0;
    const registry = hostRegistry(() => {
      collections++;
      return Promise.resolve(richSnapshot());
    });
    await registry.metrics();
    assert.equal(collections, 1);
    await Promise.all([registry.metrics(), registry.getMetricsAsJSON()]);
    assert.equal(collections, 2);
  });

  it('forget what is gone', async () => {
    const snapshots = ['1', '2'].map((pid) => bareSnapshot({ processes: [bareProcess(pid, { alive: true })] }));
    const registry = hostRegistry(() => Promise.resolve(snapshots.shift() ?? bareSnapshot()));
    const pids = async (): Promise<unknown[]> => {
      const alive = (await registry.getMetricsAsJSON()).find(({ name }) => name === 'tt_process_alive');
      return alive?.values.map(({ labels }) => labels['pid']) ?? [];
    };
    assert.deepEqual([await pids(), await pids(), await pids()], [['1'], ['2'], []]);
  });

  for (const [how, collect] of [
    ['rejects', () => Promise.reject(new Error('no reader'))],
    [
      'throws',
      () => {
        throw new Error('no reader');
      },
    ],
  ] as const) {
    it(`leave the host's page whole when collect ${how}, and say that every collector failed`, async () => {
      const errors: unknown[] = [];
      const registry = hostRegistry(collect, (error) => errors.push(error));
      for (const times of [1, 2]) {
        const families = await familiesOf(registry, 'text');
        assert.deepEqual(
          families.map(({ name, samples }) => [name, ...samples.map(({ labels, value }) => [labels, value])]),
          [
            ['app_requests_total', [{}, 3]],
            [
              'tt_exporter_collector_success',
              [{ collector: 'allocation_server' }, 0],
              [{ collector: 'shared_memory' }, 0],
              [{ collector: 'sysfs' }, 0],
              [{ collector: 'procfs' }, 0],
              [{ collector: 'kubernetes' }, 0],
            ],
          ],
        );
        assert.equal(errors.length, times);
      }
    });
  }

  it('are refused where the registry has one of the names', () => {
    const registry = hostRegistry(() => Promise.resolve(bareSnapshot()));
    assert.throws(() => {
      registerDeviceFamilies(registry, () => Promise.resolve(bareSnapshot()));
    }, /already been registered/);
    assert.equal(registry.getMetricsAsArray().length, FAMILIES.length + 1);
  });
});
