import assert from 'node:assert/strict';
import { get } from 'node:http';
import { describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { startStockServer } from '../../src/simulator/stock-server.ts';
import type { StockServer } from '../../src/simulator/stock-server.ts';
import { eventually } from '../support/eventually.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';

const N150 = {
  arch: 'wormhole',
  dramBytes: 12 * 1024 ** 3,
  dramChannels: 12,
  l1Bytes: 72 * 1499136,
  l1BytesPerCore: 1499136,
} as const;

const SHORT = { 'x-prometheus-scrape-timeout-seconds': '1' };

async function withServer(
  run: (server: StockServer, exporter: RunningExporter, host: SimulatedHost) => Promise<void>,
): Promise<void> {
  const host = await createSimulatedHost('n150');
  const server = await startStockServer({ path: host.socket, dialect: 'B', devices: [N150] });
  const exporter = await startExporter(host.flags());
  try {
    await run(server, exporter, host);
  } finally {
    await exporter.stop();
    // Closing sends what was held back: whoever has gone away by now would have killed the real server.
    await server.close();
    await host.close();
  }
  assert.equal(server.wouldHaveDied, 0);
}

const has = (page: string, line: string) => page.split('\n').includes(line);

describe('an allocation server that is late is not killed by its reader', () => {
  it('when the scrape has ended: its connection is kept, and no second one is opened', async () => {
    await withServer(async (server, exporter) => {
      const good = await exporter.scrape();
      assert.ok(has(good.body, 'tt_allocation_server_up 1'));
      server.setFault({ kind: 'late' });
      const late = await exporter.scrape('/metrics', SHORT);
      assert.equal(late.status, 200);
      assert.ok(has(late.body, 'tt_allocation_server_up 0'));
      assert.ok(has(late.body, 'tt_exporter_collector_success{collector="allocation_server"} 0'));
      assert.ok(has(late.body, 'tt_exporter_collector_success{collector="sysfs"} 1'));
      assert.match(late.body, /^tt_device_temperature_celsius\{device="0",sensor="asic"\}/mu);
      const connections = server.connections;
      for (let scrapes = 0; scrapes < 3; scrapes++) await exporter.scrape('/metrics', SHORT);
      assert.equal(server.connections, connections);
      server.setFault(undefined);
      await server.release();
      await eventually('the server to be read again', async () =>
        has((await exporter.scrape('/metrics', SHORT)).body, 'tt_allocation_server_up 1'),
      );
    });
  });

  it('when the client of a scrape goes away', async () => {
    await withServer(async (server, exporter) => {
      await exporter.scrape();
      const connections = server.connections;
      server.setFault({ kind: 'late' });
      const request = get(`${exporter.url}/metrics`);
      request.on('error', () => undefined);
      await eventually('the scrape to ask the server', () => server.connections > connections);
      request.destroy();
      const next = await exporter.scrape('/metrics', SHORT);
      assert.equal(next.status, 200);
    });
  });

  it('when the exporter is ended: the answer still finds its reader, and the exporter ends within a second', async () => {
    await withServer(async (server, exporter) => {
      await exporter.scrape();
      server.setFault({ kind: 'late' });
      await exporter.scrape('/metrics', SHORT);
      const start = performance.now();
      assert.equal(await exporter.stop(), 0);
      assert.ok(performance.now() - start < 1500, `${performance.now() - start} ms`);
      await server.release();
    });
  });
});
