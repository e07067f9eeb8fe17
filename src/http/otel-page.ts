import { gzipSync } from 'node:zlib';
import type { RequestHandler, Response } from 'express';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import { acceptsGzip, CONTENT_TYPES } from './negotiate.ts';
import { sendText } from './plain-text.ts';
import { scrapeTimeoutMs } from './scrape-timeout.ts';

export interface OtelPageOptions {
  /** Draws the page in so many milliseconds at most. Rejects where nothing could be read. */
  readonly draw: (timeoutMs: number) => Promise<string>;
  readonly timeoutOffsetSeconds: number;
  /** 0: no limit. */
  readonly maxRequests: number;
  readonly log: Log;
}

/** As fast as it gets: the page is the larger part of the work. */
const GZIP = { level: 1 };

/** The page with OpenTelemetry's names, in Prometheus's text format. HEAD collects nothing. */
export function otelPage({ draw, timeoutOffsetSeconds, maxRequests, log }: OtelPageOptions): RequestHandler {
  let inFlight = 0;
  return async (request, response) => {
    const gzip = acceptsGzip(request.get('Accept-Encoding'));
    if (request.method === 'HEAD') {
      setHeaders(response, gzip);
      response.end();
      return;
    }
    if (maxRequests > 0 && inFlight >= maxRequests) {
      response.set('Retry-After', '1');
      sendText(response, 503, `${maxRequests} scrapes are under way, which is the limit: try again later`);
      return;
    }
    inFlight++;
    response.once('close', () => inFlight--);
    try {
      const text = await draw(
        scrapeTimeoutMs(request.get('X-Prometheus-Scrape-Timeout-Seconds'), timeoutOffsetSeconds),
      );
      setHeaders(response, gzip);
      response.end(gzip ? gzipSync(text, GZIP) : text);
    } catch (error) {
      log.error('no samples from the reader', { error: errorText(error) });
      sendText(response, 503, 'nothing could be read: see the log');
    }
  };
}

function setHeaders(response: Response, gzip: boolean): void {
  response.setHeader('Content-Type', CONTENT_TYPES.text);
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('Cache-Control', 'no-store');
  if (gzip) response.setHeader('Content-Encoding', 'gzip');
}
