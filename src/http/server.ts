import { createServer } from './node-http.ts';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import type { WebSecurity } from '../web-config/web-security.ts';

/** Limits for clients that are slow, half gone or many; the same for every address. */
export const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
  /** Longer than the usual interval between scrapes, so that Prometheus keeps its connection. */
  keepAliveTimeout: 90_000,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  noDelay: true,
};

const MAX_CONNECTIONS = 1000;

/** `web`: what `--web.config.file` asks for; undefined: HTTP for everybody. */
export function createHttpServer(listener: RequestListener, web?: WebSecurity): Server {
  const server =
    web === undefined ? createServer(SERVER_OPTIONS, listener) : web.createServer(SERVER_OPTIONS, listener);
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
