import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { silentLog } from '../../src/log/log.ts';
import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';
import { SampleProducer } from '../../src/otel/producer.ts';
import { startPush } from '../../src/otel/push.ts';
import { drawSamples } from '../../src/samples/draw-samples.ts';
import { VERSION } from '../../src/version.ts';
import { assertGolden } from '../support/golden.ts';
import { richSnapshot } from '../support/rich-snapshot.ts';
import { startHttpReceiver } from './otlp-receiver.ts';
import { receivedMetrics } from './received-metrics.ts';

const STARTED_AT = 1_789_999_000.5;
const BOOTED_AT = 1_789_000_000;

describe('OTLP', () => {
  it('as JSON of a host of which everything is known', async (t) => {
    const receiver = await startHttpReceiver(t);
    process.env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'] = `${receiver.url}/v1/metrics`;
    t.after(() => delete process.env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']);
    const table = drawSamples(richSnapshot(), FAMILIES_WITH_USER, STARTED_AT);
    const push = await startPush({
      settings: {
        protocol: 'http/json',
        endpoint: receiver.url,
        temporality: 'cumulative',
        intervalMs: 60_000,
        timeoutMs: 10_000,
        requestTimeoutMs: 10_000,
      },
      producer: new SampleProducer({ read: () => Promise.resolve(table), bootSeconds: BOOTED_AT }),
      resource: resourceFromAttributes({ 'service.name': 'tenstorrent-exporter' }),
      log: silentLog,
      clean: (text) => text,
    });
    await push.stop();
    const [request, ...others] = receiver.requests;
    assert.deepEqual(others, []);
    const text = JSON.stringify(request, null, 2).replace(`"version": "${VERSION}"`, '"version": "VERSION"');
    assertGolden('otlp.json', `${text}\n`);

    const starts = new Map<string, Set<number>>();
    for (const [name, { kind, points }] of receivedMetrics(receiver.requests)) {
      if (kind !== 'counter') continue;
      starts.set(name, new Set(points.map(({ startNanos }) => Number(startNanos / 1_000_000n) / 1000)));
    }
    const server = new Set([1_789_900_000]);
    assert.deepEqual(
      starts,
      new Map([
        ['tenstorrent.allocation_server.messages', server],
        ['tenstorrent.allocation_server.rejected_messages', server],
        ['tenstorrent.allocations', server],
        ['tenstorrent.frees', server],
        ['tenstorrent.allocated', server],
        ['tenstorrent.freed', server],
        ['tenstorrent.reclaimed', server],
        ['tenstorrent.allocation.failures', server],
        // A firmware's own counters: nobody knows since when.
        ['tenstorrent.firmware.heartbeat', new Set([0])],
        ['tenstorrent.thermal_trips', new Set([0])],
        ['hw.errors', new Set([BOOTED_AT])],
        ['tenstorrent.pcie.noc.io', new Set([STARTED_AT])],
        ['tenstorrent.exporter.read_errors', new Set([STARTED_AT])],
      ]),
    );
  });
});
