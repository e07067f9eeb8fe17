import express from 'express';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import type { Reader } from '../reader/types.ts';
import { landingPage } from './landing-page.ts';
import type { MetricsPage } from './metrics-page.ts';
import { sendText } from './plain-text.ts';

export interface AppOptions {
  readonly metricsPage: MetricsPage;
  readonly reader: Reader;
  readonly telemetryPath: string;
  /** Beside the metrics' own page. */
  readonly otelPage?: { readonly path: string; readonly handler: RequestHandler } | undefined;
  readonly version: string;
  readonly log: Log;
  /** Whether the exporter is ending: connections are then not kept. */
  readonly ending: () => boolean;
}

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** The pages of the exporter. */
export function createApp(options: AppOptions): Express {
  const { metricsPage, reader, telemetryPath, otelPage, version } = options;
  const app = express();
  app.disable('x-powered-by');
  // An ETag would hash every page, and no two are the same.
  app.disable('etag');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.use((_request, response, next) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (options.ending()) response.setHeader('Connection', 'close');
    next();
  });
  addPage(app, telemetryPath, metricsPage.handler);
  if (otelPage !== undefined) addPage(app, otelPage.path, otelPage.handler);
  addPage(app, '/-/healthy', (_request, response) => {
    sendText(response, 200, 'healthy');
  });
  addPage(app, '/-/ready', (_request, response) => {
    if (reader.ready()) sendText(response, 200, 'ready');
    else sendText(response, 503, 'the reader is not there');
  });
  if (telemetryPath !== '/' && otelPage?.path !== '/') {
    const html = landingPage({ version, telemetryPath, otelPath: otelPage?.path });
    addPage(app, '/', (_request, response) => {
      response.set('Content-Security-Policy', PAGE_POLICY).type('html').send(html);
    });
  }
  app.use((_request, response) => {
    sendText(response, 404, `there is no such page: the metrics are at ${telemetryPath}`);
  });
  app.use(errorPage(options.log));
  return app;
}

/** A page that can be read and nothing else. */
export function addPage(app: Express, path: string, handler: RequestHandler): void {
  app
    .route(literalRoute(path))
    .get(handler)
    .all((_request, response) => {
      response.set('Allow', 'GET, HEAD');
      sendText(response, 405, 'this page can only be read: use GET or HEAD');
    });
}

/** The path as it is: to express some characters are a pattern. */
function literalRoute(path: string): string {
  return path.replace(/[{}()[\]+?!:*\\]/g, '\\$&');
}

function errorPage(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = clientErrorStatus(error);
    if (status === undefined) log.error('cannot answer a request', { error: errorText(error) });
    sendText(response, status ?? 500, status === undefined ? 'internal error: see the log' : 'bad request');
  };
}

function clientErrorStatus(error: unknown): number | undefined {
  const status: unknown = error instanceof Error ? Reflect.get(error, 'status') : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
