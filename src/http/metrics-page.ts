import type { Request, RequestHandler, Response } from 'express';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import type { PageSource } from '../reader/page-service.ts';
import type { OwnFamilies, PageAnswer, PageFormat, PageRequest, Reader } from '../reader/types.ts';
import { parseCollectorFilter } from './collector-filter.ts';
import { fallbackPage } from './fallback-page.ts';
import { acceptsGzip, chooseFormat, CONTENT_TYPES } from './negotiate.ts';
import { sendText } from './plain-text.ts';
import { scrapeTimeoutMs } from './scrape-timeout.ts';

/** The exporter's own metrics, as far as the page needs them. */
export interface ScrapeMetrics {
  /** Counts an answered scrape. */
  observeScrape(seconds: number): void;
  /** Families as they are now, without `# EOF`. */
  encode(format: PageFormat): Promise<OwnFamilies>;
}

export interface MetricsPageOptions {
  readonly reader: Reader;
  readonly own: ScrapeMetrics;
  /** For the page without a reader; loaded only when it is needed. */
  readonly loadEncoder: () => Promise<PageSource>;
  /** All that there are, by name. */
  readonly knownCollectors: readonly string[];
  /** Those that the flags leave on; the reader may know better. */
  readonly enabledCollectors: readonly string[];
  readonly timeoutOffsetSeconds: number;
  /** 0: no limit. */
  readonly maxRequests: number;
  /** Who does not take a page within this time is cut off: it holds one of few places, and the page's memory. 30 s. */
  readonly sendTimeoutMs?: number;
  readonly log: Log;
  /** Whether the exporter is ending: connections are then not kept. */
  readonly ending: () => boolean;
}

const SEND_TIMEOUT_MS = 30_000;
const NO_FAMILIES: OwnFamilies = { bytes: new Uint8Array(0), samples: 0 };

/** Answers scrapes. */
export class MetricsPage {
  readonly #options: MetricsPageOptions;
  readonly #waiting = new Set<AbortController>();
  #inFlight = 0;
  #hurrying = false;

  constructor(options: MetricsPageOptions) {
    this.#options = options;
  }

  /** For GET and HEAD. HEAD collects nothing. */
  readonly handler: RequestHandler = async (request, response) => {
    const { knownCollectors, enabledCollectors, reader, maxRequests } = this.#options;
    const enabled = reader.collectors() ?? enabledCollectors;
    const filter = parseCollectorFilter(request.originalUrl, knownCollectors, enabled);
    if (!filter.ok) {
      sendText(response, 400, filter.message);
      return;
    }
    const format = chooseFormat(request.headers.accept);
    const gzip = acceptsGzip(request.get('Accept-Encoding'));
    if (request.method === 'HEAD') {
      setPageHeaders(response, format, gzip);
      response.end();
      return;
    }
    if (maxRequests > 0 && this.#inFlight >= maxRequests) {
      response.set('Retry-After', '1');
      sendText(response, 503, `${maxRequests} scrapes are under way, which is the limit: try again later`);
      return;
    }
    await this.#scrape(request, response, { collectors: filter.collectors, format, gzip }, enabled);
  };

  /** Scrapes that are under way are answered at once, with what there is. */
  hurry(): void {
    this.#hurrying = true;
    for (const waiting of this.#waiting) waiting.abort(new Error('the exporter is ending'));
  }

  async #scrape(
    request: Request,
    response: Response,
    shape: Pick<PageRequest, 'collectors' | 'format' | 'gzip'>,
    enabled: readonly string[],
  ): Promise<void> {
    const startedAt = performance.now();
    const waiting = new AbortController();
    this.#inFlight++;
    this.#waiting.add(waiting);
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const { own, timeoutOffsetSeconds } = this.#options;
    const timeoutMs = scrapeTimeoutMs(request.get('X-Prometheus-Scrape-Timeout-Seconds'), timeoutOffsetSeconds);
    const wanted = { ...shape, timeoutMs, own: this.#ownOnce(shape.format) };
    const isGone = (): boolean => response.destroyed;
    try {
      const answer = await this.#page(wanted, waiting.signal, shape.collectors ?? enabled, isGone);
      if (answer === undefined || isGone()) return;
      own.observeScrape((performance.now() - startedAt) / 1000);
      if (this.#options.ending()) response.setHeader('Connection', 'close');
      sendPage(response, shape, answer.body, this.#options.sendTimeoutMs ?? SEND_TIMEOUT_MS);
      await closed;
    } finally {
      // Not sooner: who goes away has the reader at work all the same, and clients that do so could be any number.
      this.#inFlight--;
      this.#waiting.delete(waiting);
    }
  }

  /** The own metrics as they are when they are asked for first, for whoever makes the page in the end. */
  #ownOnce(format: PageFormat): () => Promise<OwnFamilies> {
    let drawn: Promise<OwnFamilies> | undefined;
    return () => {
      drawn ??= this.#options.own.encode(format).catch((error: unknown) => {
        this.#options.log.error("cannot draw the exporter's own metrics", { error: errorText(error) });
        return NO_FAMILIES;
      });
      return drawn;
    };
  }

  /** undefined where the client is gone: then nothing is drawn for it. */
  async #page(
    request: PageRequest,
    signal: AbortSignal,
    collectors: readonly string[],
    isGone: () => boolean,
  ): Promise<PageAnswer | undefined> {
    const startedAt = performance.now();
    try {
      if (this.#hurrying) throw new Error('the exporter is ending');
      return await this.#options.reader.page(request, signal);
    } catch (error) {
      if (isGone()) return undefined;
      if (!signal.aborted) this.#options.log.error('no page from the reader', { error: errorText(error) });
      const encoder = await this.#options.loadEncoder();
      const own = await request.own();
      return fallbackPage(encoder, request, own, collectors, (performance.now() - startedAt) / 1000);
    }
  }
}

function sendPage(
  response: Response,
  { format, gzip }: Pick<PageRequest, 'format' | 'gzip'>,
  body: Uint8Array,
  timeoutMs: number,
): void {
  setPageHeaders(response, format, gzip);
  response.setHeader('Content-Length', body.length);
  const timer = setTimeout(() => response.destroy(), timeoutMs);
  response.once('close', () => {
    clearTimeout(timer);
  });
  response.end(body);
}

function setPageHeaders(response: Response, format: PageFormat, gzip: boolean): void {
  response.setHeader('Content-Type', CONTENT_TYPES[format]);
  response.setHeader('Vary', 'Accept, Accept-Encoding');
  response.setHeader('Cache-Control', 'no-store');
  if (gzip) response.setHeader('Content-Encoding', 'gzip');
}
