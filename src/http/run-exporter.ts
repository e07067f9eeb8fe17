import type { Server } from 'node:http';
import { COLLECTOR_FLAGS } from '../flags/collector-flags.ts';
import type { Settings } from '../flags/table.ts';
import type { Log } from '../log/log.ts';
import type { Otel } from '../otel/create-otel.ts';
import { atMost } from '../reader/end-process.ts';
import type { PageSource } from '../reader/page-service.ts';
import type { Reader } from '../reader/types.ts';
import { VERSION } from '../version.ts';
import type { WebSecurity } from '../web-config/web-security.ts';
import { createApp } from './app.ts';
import type { AppOptions } from './app.ts';
import { listen } from './listen.ts';
import type { BoundAddress } from './listen.ts';
import { MetricsPage } from './metrics-page.ts';
import type { ScrapeMetrics } from './metrics-page.ts';
import { otelPage } from './otel-page.ts';
import { createHttpServer } from './server.ts';

/** What the exporter is made of. */
export interface ExporterParts {
  readonly reader: Reader;
  readonly own: ScrapeMetrics & { setReload(successful: boolean, atSeconds: number): void };
  readonly loadEncoder: () => Promise<PageSource>;
  readonly log: Log;
  /** undefined: nothing is asked for. */
  readonly otel?: Otel | undefined;
  /** undefined: HTTP for everybody. */
  readonly web?: WebSecurity | undefined;
}

/** An exporter that listens. */
export interface Exporter {
  readonly addresses: readonly BoundAddress[];
  /** Reads every file again; the result is in the log and in the metrics. Never rejects. */
  reload(): Promise<void>;
  /** Takes no more requests, answers those that are under way, and lets go of everything, within a second. */
  stop(): Promise<void>;
}

/** A scrape that is under way at the end has so long before it is answered with what there is, in milliseconds. */
const FINISH_MS = 450;
/** Then clients have so long to take their answers. */
const SEND_MS = 200;
const CLOSE_READER_MS = 150;

/**
 * Starts to answer HTTP. Rejects, with nothing left open, where an address cannot be had or the reader refuses its
 * configuration; the message is one line. A reader at a socket need not be there yet.
 */
export async function runExporter(settings: Settings, parts: ExporterParts): Promise<Exporter> {
  const { reader, log, own, otel, web } = parts;
  let ends = false;
  const ending = (): boolean => ends;
  const metricsPage = new MetricsPage({
    ...parts,
    ending,
    knownCollectors: [...COLLECTOR_FLAGS.keys()],
    enabledCollectors: settings.collectors,
    timeoutOffsetSeconds: settings.timeoutOffsetSeconds,
    maxRequests: settings.maxRequests,
  });
  const { telemetryPath } = settings;
  const app = createApp({
    metricsPage,
    reader,
    telemetryPath,
    otelPage: otelPageOf(settings, parts),
    version: VERSION,
    log,
    ending,
  });
  const servers: Server[] = [];
  const addresses: BoundAddress[] = [];
  try {
    for (const address of settings.listenAddresses) {
      const server = createHttpServer(app, web);
      servers.push(server);
      addresses.push(await listen(server, address, web?.scheme));
    }
    if (settings.reader.kind !== 'unix') await reader.started;
    await otel?.start();
  } catch (error) {
    await Promise.all([...servers.map(closeNow), web?.close(), atMost(CLOSE_READER_MS, reader.close())]);
    throw error;
  }
  own.setReload(true, Date.now() / 1000);
  for (const { text, url } of addresses) {
    log.info('listening', {
      address: text,
      url: url === undefined ? undefined : `${url}${telemetryPath}`,
      version: VERSION,
    });
  }
  return {
    addresses,
    reload: () => reload(parts),
    stop: async () => {
      ends = true;
      const closed = Promise.all(servers.map(close));
      const pushed = atMost(FINISH_MS + SEND_MS, otel?.stop() ?? Promise.resolve());
      await atMost(FINISH_MS, closed);
      metricsPage.hurry();
      await atMost(SEND_MS, closed);
      await pushed;
      for (const server of servers) server.closeAllConnections();
      await atMost(CLOSE_READER_MS, Promise.all([closed, web?.close(), reader.close()]));
    },
  };
}

async function reload({ reader, own, log, web }: ExporterParts): Promise<void> {
  const result = await reader.reload();
  const problem = (await web?.reload()) ?? (result.ok ? undefined : result.message);
  own.setReload(problem === undefined, Date.now() / 1000);
  if (problem === undefined) log.info('configuration read again');
  else log.error('configuration not taken: the last good one stays', { error: problem });
}

function otelPageOf(settings: Settings, { otel, log }: ExporterParts): AppOptions['otelPage'] {
  const { otelPrometheusPath: path, timeoutOffsetSeconds, maxRequests } = settings;
  if (otel === undefined || path === undefined) return undefined;
  const draw = (timeoutMs: number): Promise<string> => otel.draw(timeoutMs);
  return { path, handler: otelPage({ draw, timeoutOffsetSeconds, maxRequests, log }) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

function closeNow(server: Server): Promise<void> {
  const closed = close(server);
  server.closeAllConnections();
  return closed;
}
