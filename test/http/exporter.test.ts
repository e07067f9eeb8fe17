import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createConnection } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseCommandLine } from '../../src/flags/parse.ts';
import { createApp } from '../../src/http/app.ts';
import { MetricsPage } from '../../src/http/metrics-page.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { runExporter } from '../../src/http/run-exporter.ts';
import type { Exporter } from '../../src/http/run-exporter.ts';
import { silentLog } from '../../src/log/log.ts';
import { PageEncoder } from '../../src/metrics/encode/page-encoder.ts';
import { createOwnMetrics } from '../../src/metrics/prom-client/own-metrics.ts';
import { InlineReader } from '../../src/reader/inline.ts';
import type { PageRequest, Reader } from '../../src/reader/types.ts';
import { eventually } from '../support/eventually.ts';
import {
  COLLECTOR_NAMES,
  emptySnapshot,
  FakeCollector,
  promptCollector,
  serviceOf,
} from '../support/fake-collector.ts';

const running: Exporter[] = [];
afterEach(async () => {
  for (const exporter of running.splice(0)) await exporter.stop();
});

/** An exporter in this process; gives its URL. */
async function start(
  reader: Reader,
  ...flags: string[]
): Promise<{ readonly url: string; readonly exporter: Exporter }> {
  const { settings } = parseCommandLine(['--web.listen-address=127.0.0.1:0', '--reader=inline', ...flags]);
  const own = createOwnMetrics('1.2.3', 'abc', { processMetrics: !settings.disableExporterMetrics });
  const loadEncoder = () => Promise.resolve(new PageEncoder());
  const exporter = await runExporter(settings, { reader, own, loadEncoder, log: silentLog });
  running.push(exporter);
  return { url: exporter.addresses[0]?.url ?? '', exporter };
}

function inline(collector = promptCollector('2.0.0')): InlineReader {
  return new InlineReader(serviceOf(collector));
}

/** A reader that remembers what it was asked for and does what a test says. */
function toldReader(page: (asked: PageRequest, signal: AbortSignal) => Promise<never>, ready = true) {
  const asked: PageRequest[] = [];
  const reader: Reader = {
    started: Promise.resolve(),
    ready: () => ready,
    collectors: () => undefined,
    page: (pageRequest, signal) => {
      asked.push(pageRequest);
      return page(pageRequest, signal);
    },
    samples: () => Promise.reject(new Error('no samples')),
    reload: () => Promise.resolve({ ok: false, message: 'line 3' }),
    stuck: () => false,
    close: () => Promise.resolve(),
  };
  return { reader, asked };
}

/** A collector that answers when a test opens it. */
function gatedCollector() {
  const gate = Promise.withResolvers<undefined>();
  const collector = new FakeCollector(async (asked) => {
    await gate.promise;
    return emptySnapshot('gated', asked.collectors);
  });
  return { collector, open: gate.resolve.bind(undefined, undefined) };
}

describe('the page with the metrics', () => {
  it('is text 0.0.4 for a browser, with the metrics of the host and of the exporter', async () => {
    const { url } = await start(inline());
    const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } });
    const body = await response.text();
    assert.equal(response.status, 200);
    assert.deepEqual(
      Object.fromEntries(
        [...response.headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)),
      ),
      {
        'cache-control': 'no-store',
        'content-length': String(body.length),
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        vary: 'Accept, Accept-Encoding',
        'x-content-type-options': 'nosniff',
      },
    );
    assert.match(body, /^tt_driver_info\{version="2.0.0"\} 1$/m);
    assert.match(body, /^tt_exporter_build_info\{version="1.2.3",revision="abc",node_version="v[\d.]+"\} 1$/m);
    assert.match(body, /^process_cpu_seconds_total /m);
  });

  it('is OpenMetrics where that is asked for, and text again afterwards', async () => {
    const { url } = await start(inline());
    const accept = 'application/openmetrics-text;version=1.0.0';
    const response = await fetch(`${url}/metrics`, { headers: { accept } });
    assert.equal(response.headers.get('content-type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.match(await response.text(), /\n# TYPE tt_exporter_scrapes counter\n[^]*\n# EOF\n$/);
    assert.match(await (await fetch(`${url}/metrics`)).text(), /\n# TYPE tt_exporter_scrapes_total counter\n/);
  });

  it('is compressed where that is asked for', async () => {
    const { url } = await start(inline());
    const response = await get(`${url}/metrics`, { 'accept-encoding': 'gzip' });
    assert.equal(response.message.headers['content-encoding'], 'gzip');
    assert.match(gunzipSync(response.body).toString(), /tt_driver_info/);
  });

  it('has for HEAD the same headers and no collection', async () => {
    const collector = promptCollector('1');
    const { url } = await start(inline(collector));
    const response = await fetch(`${url}/metrics`, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(response.headers.get('vary'), 'Accept, Accept-Encoding');
    assert.equal(await response.text(), '');
    assert.equal(collector.requests.length, 0);
  });

  it('counts the scrapes that were answered', async () => {
    const { url } = await start(inline());
    for (let scrape = 0; scrape < 3; scrape++) {
      assert.match(
        await (await fetch(`${url}/metrics`)).text(),
        new RegExp(`^tt_exporter_scrapes_total ${scrape}$`, 'm'),
      );
    }
    assert.match(await (await fetch(`${url}/metrics`)).text(), /^tt_exporter_scrape_duration_seconds_count 3$/m);
  });

  it("leaves out the process's own metrics if that is asked for", async () => {
    const { url } = await start(inline(), '--web.disable-exporter-metrics');
    const body = await (await fetch(`${url}/metrics`)).text();
    assert.doesNotMatch(body, /^(process|nodejs)_/m);
    assert.match(body, /^tt_exporter_collector_success/m);
  });

  it('collects what was asked for, in the time that Prometheus gives', async () => {
    const { reader, asked } = toldReader(() => Promise.reject(new Error('no')));
    const { url } = await start(reader, '--web.timeout-offset=250ms');
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '3' };
    await fetch(`${url}/metrics?collect[]=sysfs`, { headers });
    await fetch(`${url}/metrics?exclude[]=sysfs`);
    assert.deepEqual(
      asked.map(({ collectors, timeoutMs }) => ({ collectors, timeoutMs })),
      [
        { collectors: ['sysfs'], timeoutMs: 2750 },
        { collectors: ['allocation_server', 'shared_memory', 'procfs', 'kubernetes'], timeoutMs: 10_000 },
      ],
    );
  });

  it('refuses a filter that cannot be followed', async () => {
    const { url } = await start(inline());
    const response = await fetch(`${url}/metrics?collect[]=sysf`);
    assert.equal(response.status, 400);
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.match(await response.text(), /^unknown collector "sysf": there are allocation_server, .*\n$/);
    assert.equal((await fetch(`${url}/metrics?collect[]=sysfs&exclude[]=procfs`)).status, 400);
    assert.equal((await fetch(`${url}/metrics?collect[]=sysf`, { method: 'HEAD' })).status, 400);
  });

  it('is refused beyond the limit, which does not count other pages', async () => {
    const { collector, open } = gatedCollector();
    const { url } = await start(inline(collector), '--web.max-requests=2');
    const pages = [fetch(`${url}/metrics`), fetch(`${url}/metrics`)];
    await eventually('both scrapes', () => collector.requests.length === 2);
    const refused = await fetch(`${url}/metrics`);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal(await refused.text(), '2 scrapes are under way, which is the limit: try again later\n');
    assert.equal((await fetch(`${url}/metrics`, { method: 'HEAD' })).status, 200);
    for (const path of ['/', '/-/healthy', '/-/ready']) assert.equal((await fetch(`${url}${path}`)).status, 200);
    open();
    for (const page of pages) assert.equal((await page).status, 200);
    assert.equal((await fetch(`${url}/metrics`)).status, 200);
  });

  it('has no limit where it is 0', async () => {
    const { collector, open } = gatedCollector();
    const { url } = await start(inline(collector), '--web.max-requests=0');
    const pages = Array.from({ length: 60 }, () => fetch(`${url}/metrics`));
    await eventually('all scrapes', () => collector.requests.length === 60);
    open();
    for (const page of pages) assert.equal((await page).status, 200);
  });

  it('gives its place back when the client goes away, and the collection goes on', async () => {
    const { collector, open } = gatedCollector();
    const { url } = await start(inline(collector), '--web.max-requests=1');
    const client = new AbortController();
    const aborted = fetch(`${url}/metrics`, { signal: client.signal });
    await eventually('the scrape', () => collector.requests.length === 1);
    client.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    open();
    await eventually('a free place', async () => (await fetch(`${url}/metrics`)).status === 200);
    assert.equal(collector.closed, 0);
  });

  it('takes up a place until the reader has answered, even for a client that is gone', async () => {
    const answers: (() => void)[] = [];
    const { reader } = toldReader(
      () =>
        new Promise((_resolve, reject) => {
          answers.push(() => {
            reject(new Error('too late'));
          });
        }),
    );
    const { url } = await start(reader, '--web.max-requests=1');
    const client = new AbortController();
    const aborted = fetch(`${url}/metrics`, { signal: client.signal });
    await eventually('the scrape', () => answers.length === 1);
    client.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    for (let times = 0; times < 3; times++) assert.equal((await fetch(`${url}/metrics`)).status, 503);
    answers[0]?.();
    const next = eventually('a free place', async () => (await fetch(`${url}/metrics`)).status === 200);
    await eventually('the next scrape', () => answers.length === 2);
    answers[1]?.();
    await next;
  });

  it('is at the path that the flag says', async () => {
    const { url } = await start(inline(), '--web.telemetry-path=/a(b)*:c+/d');
    assert.equal((await fetch(`${url}/a(b)*:c+/d`)).status, 200);
    assert.equal((await fetch(`${url}/metrics`)).status, 404);
    assert.match(await (await fetch(url)).text(), /<a href="\/a\(b\)\*:c\+\/d">Metrics/);
  });

  it('can take the place of the landing page', async () => {
    const { url } = await start(inline(), '--web.telemetry-path=/');
    assert.match(await (await fetch(url)).text(), /^tt_exporter_collector_success/m);
  });
});

describe('the page without a reader', () => {
  it('is a 200 that says that every collector that was asked for failed', async () => {
    const { reader } = toldReader(() => Promise.reject(new Error('the reader ended')));
    const { url } = await start(reader);
    const response = await get(`${url}/metrics?exclude[]=procfs`, { 'accept-encoding': 'gzip' });
    const body = gunzipSync(response.body).toString();
    assert.equal(response.message.statusCode, 200);
    assert.deepEqual(body.match(/^tt_exporter_collector_success.*$/gm), [
      'tt_exporter_collector_success{collector="allocation_server"} 0',
      'tt_exporter_collector_success{collector="shared_memory"} 0',
      'tt_exporter_collector_success{collector="sysfs"} 0',
      'tt_exporter_collector_success{collector="kubernetes"} 0',
    ]);
    assert.match(body, /^tt_exporter_build_info/m);
    assert.doesNotMatch(body, /^tt_(devices|driver_info|allocation_server_up)/m);
    const open = await fetch(`${url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    assert.match(await open.text(), /^tt_exporter_collector_success\{collector="procfs"\} 0$[^]*\n# EOF\n$/m);
  });

  it('is still one where the own metrics are switched off', async () => {
    const { reader } = toldReader(() => Promise.reject(new Error('the reader ended')));
    const { url } = await start(reader, '--web.disable-exporter-metrics');
    const response = await fetch(`${url}/metrics`);
    assert.equal(response.status, 200);
    assert.equal(
      (await response.text()).match(/^tt_exporter_collector_success.* 0$/gm)?.length,
      COLLECTOR_NAMES.length,
    );
  });

  it("shows the devices where the exporter's own metrics cannot be drawn", async () => {
    const { settings } = parseCommandLine(['--web.listen-address=127.0.0.1:0', '--reader=inline']);
    const own = createOwnMetrics('1.2.3', 'abc', { processMetrics: false });
    const broken = { ...own, encode: () => Promise.reject(new Error('cannot draw')) };
    const loadEncoder = () => Promise.resolve(new PageEncoder());
    const exporter = await runExporter(settings, { reader: inline(), own: broken, loadEncoder, log: silentLog });
    running.push(exporter);
    const response = await fetch(`${exporter.addresses[0]?.url ?? ''}/metrics`);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /^tt_driver_info\{version="2.0.0"\} 1\n[^]*\ntt_exporter_series 13\n$/m);
  });

  it('comes in time where the reader is late', async () => {
    const { collector } = gatedCollector();
    const { url } = await start(inline(collector));
    const startedAt = performance.now();
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '1' };
    const body = await (await fetch(`${url}/metrics`, { headers })).text();
    assert.match(body, /^tt_exporter_collector_success\{collector="sysfs"\} 0$/m);
    assert.ok(performance.now() - startedAt < 1000);
  });
});

describe('the other pages', () => {
  it('are a landing page, health and readiness', async () => {
    const { url } = await start(inline());
    const landing = await fetch(url);
    assert.equal(landing.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(await landing.text(), /<h1>tenstorrent-exporter<\/h1>/);
    assert.equal(await (await fetch(`${url}/-/healthy`)).text(), 'healthy\n');
    assert.equal(await (await fetch(`${url}/-/ready`)).text(), 'ready\n');
  });

  it('say that the exporter is healthy and not ready while there is no reader', async () => {
    const { url } = await start(toldReader(() => Promise.reject(new Error('no')), false).reader);
    assert.equal((await fetch(`${url}/-/healthy`)).status, 200);
    assert.equal((await fetch(`${url}/-/ready`)).status, 503);
  });

  it('are 404 where there is none and 405 where they cannot be written', async () => {
    const { url } = await start(inline());
    const missing = await fetch(`${url}/metrics/`);
    assert.equal(missing.status, 404);
    assert.equal(await missing.text(), 'there is no such page: the metrics are at /metrics\n');
    for (const path of ['/metrics', '/', '/-/healthy', '/-/ready']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const response = await fetch(`${url}${path}`, { method });
        assert.equal(response.status, 405, `${method} ${path}`);
        assert.equal(response.headers.get('allow'), 'GET, HEAD');
        assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      }
    }
    assert.equal((await fetch(`${url}/%zz`)).status, 404);
  });

  it('say nothing about the software below', async () => {
    const { url } = await start(inline());
    const { headers } = await fetch(url);
    assert.deepEqual([headers.get('x-powered-by'), headers.get('etag'), headers.get('server')], [null, null, null]);
  });
});

describe('a client that does not take its page', () => {
  it('is cut off, and its place is free again', async () => {
    const body = new Uint8Array(64 * 1024 * 1024);
    const reader: Reader = {
      ...toldReader(() => Promise.reject(new Error('no'))).reader,
      page: () => Promise.resolve({ body, series: 1 }),
    };
    const metricsPage = new MetricsPage({
      reader,
      own: createOwnMetrics('1', '', { processMetrics: false }),
      loadEncoder: () => Promise.resolve(new PageEncoder()),
      knownCollectors: COLLECTOR_NAMES,
      enabledCollectors: COLLECTOR_NAMES,
      timeoutOffsetSeconds: 0.5,
      maxRequests: 1,
      sendTimeoutMs: 200,
      log: silentLog,
      ending: () => false,
    });
    const app = createApp({
      metricsPage,
      reader,
      telemetryPath: '/metrics',
      version: '1',
      log: silentLog,
      ending: () => false,
    });
    const server = createHttpServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const slow = createConnection(port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    slow.pause();
    const url = `http://127.0.0.1:${port}/metrics`;
    await eventually('the place to be taken', async () => (await statusOf(url)) === 503);
    await eventually('the place to be free', async () => (await statusOf(url)) === 200);
    slow.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the exporter', () => {
  it('has the result of reading its files again in its metrics', async () => {
    const { reader } = toldReader(() => Promise.reject(new Error('no')));
    const { url, exporter } = await start(reader);
    assert.match(await (await fetch(`${url}/metrics`)).text(), /^tt_exporter_config_last_reload_successful 1$/m);
    await exporter.reload();
    assert.match(await (await fetch(`${url}/metrics`)).text(), /^tt_exporter_config_last_reload_successful 0$/m);
  });

  it('answers the scrape that is under way when it ends, within a second', async () => {
    const { collector } = gatedCollector();
    const { url, exporter } = await start(inline(collector));
    const page = fetch(`${url}/metrics`);
    await eventually('the scrape', () => collector.requests.length === 1);
    const startedAt = performance.now();
    const stopped = exporter.stop();
    const response = await page;
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('connection'), 'close');
    assert.match(await response.text(), /^tt_exporter_collector_success\{collector="sysfs"\} 0$/m);
    await stopped;
    assert.ok(performance.now() - startedAt < 1000);
    await assert.rejects(fetch(url));
  });

  it('is not held up by connections that say nothing or half a request', async () => {
    const { url, exporter } = await start(inline());
    const sockets = [
      createConnection(Number(new URL(url).port), '127.0.0.1'),
      createConnection(Number(new URL(url).port), '127.0.0.1'),
    ];
    for (const socket of sockets) {
      await once(socket, 'connect');
      socket.on('error', () => undefined);
    }
    sockets[1]?.write('GET /metrics HTTP/1.1\r\nHost: x\r\n');
    assert.equal((await fetch(`${url}/metrics`)).status, 200);
    const startedAt = performance.now();
    await exporter.stop();
    assert.ok(performance.now() - startedAt < 1000);
    for (const socket of sockets) socket.destroy();
  });

  it('refuses headers that no scraper sends', async () => {
    const { url } = await start(inline());
    const { message } = await get(`${url}/metrics`, { 'x-long': 'x'.repeat(9000) });
    assert.equal(message.statusCode, 431);
  });

  it('cannot be had at an address that is in use, and leaves nothing open', async () => {
    const { url } = await start(inline());
    const { port } = new URL(url);
    const collector = promptCollector('1');
    await assert.rejects(
      start(inline(collector), '--web.listen-address=127.0.0.1:0', `--web.listen-address=127.0.0.1:${port}`),
      {
        message: `cannot listen at 127.0.0.1:${port}: another program listens there; stop it or choose another --web.listen-address`,
      },
    );
    assert.equal(collector.closed, 1);
    await assert.rejects(start(inline(), '--web.listen-address=203.0.113.1:0'), /this host has no such address/);
  });
});

/** Of a GET whose body is not taken. */
async function statusOf(url: string): Promise<number> {
  const client = new AbortController();
  const { status } = await fetch(url, { signal: client.signal });
  client.abort();
  return status;
}

/** A GET without what fetch() adds and takes away. */
async function get(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ message: IncomingMessage; body: Buffer }> {
  const asked = request(url, { headers: { connection: 'close', ...headers } });
  asked.end();
  const [message] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return { message, body: Buffer.concat(chunks) };
}
