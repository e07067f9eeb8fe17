import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { VERSION } from '../../src/version.ts';
import { eventually } from '../support/eventually.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';
import { startGrpcReceiver, startHttpReceiver } from './otlp-receiver.ts';
import { pageSeries, pushedSeries } from './pushed-series.ts';
import { receivedMetrics, resourceOf } from './received-metrics.ts';

async function populatedHost(t: TestContext): Promise<SimulatedHost> {
  const host = await createSimulatedHost('n300', { bootTime: BOOT_TIME });
  t.after(() => host.close());
  populateHost(host);
  return host;
}

async function pushing(
  t: TestContext,
  host: SimulatedHost,
  env: Readonly<Record<string, string>>,
): Promise<RunningExporter> {
  const exporter = await startExporter(host.flags(), {
    env: { ...host.faultsEnvironment(), OTEL_METRIC_EXPORT_INTERVAL: '500', ...env },
  });
  t.after(() => exporter.stop());
  return exporter;
}

interface Pushes {
  readonly success: number | undefined;
  readonly failure: number | undefined;
  readonly lastSuccess: number | undefined;
}

/** What the exporter's own page says of pushing; undefined: absent. */
async function pushesOf(exporter: RunningExporter): Promise<Pushes> {
  const { body } = await exporter.scrape();
  const value = (name: string): number | undefined => {
    const line = body.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  };
  return {
    success: value('tt_exporter_otlp_exports_total{result="success"}'),
    failure: value('tt_exporter_otlp_exports_total{result="failure"}'),
    lastSuccess: value('tt_exporter_otlp_last_success_timestamp_seconds'),
  };
}

const RECEIVERS = {
  'http/protobuf': startHttpReceiver,
  'http/json': startHttpReceiver,
  grpc: startGrpcReceiver,
} as const;

describe('metrics are pushed', () => {
  for (const [protocol, start] of Object.entries(RECEIVERS)) {
    it(`over ${protocol}: the numbers of the page, every time anew, and a last time at the end`, async (t) => {
      const receiver = await start(t);
      const host = await populatedHost(t);
      const exporter = await pushing(t, host, {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
        OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=one,deployment.environment.name=lab',
      });
      await receiver.received(2);
      const page = await exporter.scrape();
      assert.deepEqual(pushedSeries(receivedMetrics(receiver.requests.slice(1, 2))), pageSeries(page.body));
      assert.equal(receiver.headers[0]?.['x-tenant'], 'blue');
      const resource = resourceOf(receiver.requests[0]);
      assert.deepEqual(
        ['service.name', 'service.version', 'service.instance.id', 'deployment.environment.name', 'host.name'].map(
          (key) => resource[key],
        ),
        ['tenstorrent-exporter', VERSION, 'one', 'lab', hostname()],
      );
      assert.equal(
        Object.keys(resource).some((key) => key.startsWith('process.')),
        false,
      );
      assert.equal(exporter.stderr().includes('blue'), false);

      const before = receiver.requests.length;
      assert.equal(await exporter.stop(), 0);
      assert.ok(receiver.requests.length > before, 'nothing was pushed at the end');
    });
  }

  it('while a collector is down, refuses or says nothing, and scrapes do not notice', async (t) => {
    let answer: 200 | 400 | 503 | 'silence' = 'silence';
    const receiver = await startHttpReceiver(t, () => answer);
    const host = await populatedHost(t);
    const exporter = await pushing(t, host, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('//', '//user:password@'),
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    });
    const scrapeQuickly = async (): Promise<void> => {
      const { status, body } = await exporter.scrape();
      assert.deepEqual([status, body.includes('tt_dram_allocated_bytes{')], [200, true]);
    };
    await exporter.waitForLine(/cannot push metrics.*imed out/);
    await scrapeQuickly();
    const { failure, success, lastSuccess } = await pushesOf(exporter);
    assert.ok((failure ?? 0) > 0);
    assert.deepEqual([success, lastSuccess], [0, undefined]);
    answer = 400;
    await exporter.waitForLine(/cannot push metrics.*400/);
    await scrapeQuickly();
    answer = 503;
    await exporter.waitForLine(/cannot push metrics.*retryable status/);
    await scrapeQuickly();
    answer = 200;
    await exporter.waitForLine(/metrics are pushed again/);
    const working = await pushesOf(exporter);
    assert.ok((working.success ?? 0) > 0);
    assert.ok(Math.abs(Date.now() / 1000 - (working.lastSuccess ?? 0)) < 60);
    receiver.close();
    await exporter.waitForLine(/cannot push metrics.*ECONNREFUSED/);
    await scrapeQuickly();
    const failures = async (): Promise<number> => (await pushesOf(exporter)).failure ?? 0;
    assert.ok((await failures()) > (working.failure ?? 0));
    assert.equal(exporter.stderr().includes('password'), false);

    const endedAt = performance.now();
    assert.equal(await exporter.stop(), 0);
    assert.ok(performance.now() - endedAt < 3000, 'the end took too long');
  });

  it('as deltas where that is preferred; what was refused is in the next ones', async (t) => {
    const receiver = await startHttpReceiver(t, () => (receiver.requests.length === 2 ? 400 : 200));
    const host = await populatedHost(t);
    await pushing(t, host, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta',
      OTEL_METRIC_EXPORT_INTERVAL: '3000',
    });
    await receiver.received(3);
    const [first, refused, third] = receiver.requests.map((request) => receivedMetrics([request]));
    const kinds = new Set(Array.from(third?.values() ?? [], ({ kind }) => kind));
    assert.deepEqual(kinds, new Set(['gauge', 'updowncounter', 'delta']));
    const gaugeOf = (metrics: typeof first) => metrics?.get('hw.temperature')?.points[0];
    const heartbeats = (metrics: typeof first) =>
      metrics
        ?.get('tenstorrent.firmware.heartbeat')
        ?.points.map(({ startNanos, timeNanos }) => [startNanos, timeNanos]);
    const begin = gaugeOf(first)?.timeNanos;
    assert.deepEqual(
      [heartbeats(first), heartbeats(refused), heartbeats(third)],
      [[], [[begin, gaugeOf(refused)?.timeNanos]], [[begin, gaugeOf(third)?.timeNanos]]],
    );
  });

  it('to a gRPC collector that is not there, and to it when it is', async (t) => {
    let accepts = false;
    const receiver = await startGrpcReceiver(t, () => accepts);
    const host = await populatedHost(t);
    const exporter = await pushing(t, host, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
    await exporter.waitForLine(/cannot push metrics.*UNAVAILABLE/);
    accepts = true;
    await exporter.waitForLine(/metrics are pushed again/);
  });

  it('not at all without an endpoint, and not with one that is none', async (t) => {
    const host = await populatedHost(t);
    const silent = await startExporter(host.flags(), { env: { OTEL_METRIC_EXPORT_INTERVAL: '100' } });
    t.after(() => silent.stop());
    const { status, body } = await silent.scrape();
    assert.deepEqual([status, body.includes('tt_exporter_otlp')], [200, false]);
    assert.equal(silent.stderr().includes('pushing'), false);
    await assert.rejects(
      startExporter(host.flags(), { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' } }),
      /cannot start.*OTEL_EXPORTER_OTLP_ENDPOINT is not an address of a collector/,
    );
  });
});

describe('the page with OpenTelemetry’s names', () => {
  it('is for Prometheus, beside the other one', async (t) => {
    const host = await populatedHost(t);
    const exporter = await startExporter([...host.flags(), '--otel.prometheus-path=/otel/metrics'], {
      env: host.faultsEnvironment(),
    });
    t.after(() => exporter.stop());
    const { status, body } = await exporter.scrape('/otel/metrics');
    assert.equal(status, 200);
    assert.match(body, /^target_info\{.*service_name="tenstorrent-exporter".*\} 1$/m);
    assert.match(body, /^hw_temperature\{tenstorrent_device="0",hw_type="temperature",.*\} [0-9.]+$/m);
    assert.match(body, /^# TYPE hw_errors_total counter$/m);
    const landing = await exporter.scrape('/');
    assert.ok(landing.body.includes('href="/otel/metrics"'));
    const head = await fetch(`${exporter.url}/otel/metrics`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
    const post = await fetch(`${exporter.url}/otel/metrics`, { method: 'POST' });
    assert.equal(post.status, 405);
    await eventually('the first page', async () => (await exporter.scrape()).status === 200);
  });

  it('is not there by default, and not at the path of the other one', async (t) => {
    const host = await populatedHost(t);
    const exporter = await startExporter(host.flags());
    t.after(() => exporter.stop());
    assert.equal((await exporter.scrape('/otel/metrics')).status, 404);
    await assert.rejects(
      startExporter([...host.flags(), '--otel.prometheus-path=/metrics']),
      /--otel.prometheus-path and --web.telemetry-path are the same/,
    );
  });
});
