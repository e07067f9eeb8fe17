import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { SHARED_MS } from '../../../src/collect/collection.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import type { ExpositionFormat, ParsedFamily } from '../../support/exposition-parser.ts';

export interface ScrapedPage {
  readonly format: ExpositionFormat;
  readonly bytes: Buffer;
  readonly families: readonly ParsedFamily[];
  /** Its collection was not begun before, and was over then (of performance.now()). */
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/** An honest no: so many are under way that no more are begun. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

const ACCEPT: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain;version=0.0.4',
  openmetrics: 'application/openmetrics-text;version=1.0.0',
};
/** How long a collection may go on for somebody who has hung up. */
const ABANDONED_MS = 3000;
const TIMEOUT_MS = 15_000;

/** Scrapes in every way in turn: both formats, gzip and plain, on kept connections and on new ones. */
export class Scraper {
  readonly #url: string;
  readonly #kept = new Agent({ keepAlive: true });
  readonly #fresh = new Agent({ keepAlive: false });
  /** When the requests under way began: scrapes that come soon after one another share a collection. */
  readonly #underWay = new Map<number, number>();
  #count = 0;
  #waiting = 0;

  constructor(url: string) {
    this.#url = url;
  }

  /** Scrapes of its own that are not answered yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Somebody else asks for a page now, and may hang up. */
  sawAnother(): void {
    const id = ++this.#count;
    this.#underWay.set(id, performance.now());
    setTimeout(() => this.#underWay.delete(id), ABANDONED_MS).unref();
  }

  /** Rejects where it is not answered with a page that is valid. */
  async scrape(): Promise<ScrapedPage> {
    const id = ++this.#count;
    const start = performance.now();
    const from = Math.min(start - SHARED_MS, ...this.#underWay.values());
    this.#underWay.set(id, start);
    this.#waiting++;
    try {
      const format = id % 2 === 0 ? 'text' : 'openmetrics';
      const headers = {
        accept: ACCEPT[format],
        ...(id % 4 < 2 ? { 'accept-encoding': 'gzip' } : {}),
        'x-prometheus-scrape-timeout-seconds': '10',
      };
      const { response, body } = await this.#get(headers, id % 8 < 4 ? this.#kept : this.#fresh);
      const to = performance.now();
      const bytes = pageOf(response, body, format);
      return { format, bytes, families: parseExposition(bytes, format), from, to, ms: to - start };
    } finally {
      this.#waiting--;
      this.#underWay.delete(id);
    }
  }

  close(): void {
    this.#kept.destroy();
    this.#fresh.destroy();
  }

  #get(headers: Record<string, string>, agent: Agent): Promise<{ response: IncomingMessage; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const request = get(`${this.#url}/metrics`, { headers, agent, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => {
          resolve({ response, body: Buffer.concat(chunks) });
        });
      });
      request.on('error', reject);
    });
  }
}

function pageOf({ statusCode, headers }: IncomingMessage, body: Buffer, format: ExpositionFormat): Buffer {
  const text = body.toString('latin1', 0, 200);
  if (statusCode === 503 && text.includes('scrapes are under way')) throw new RefusedError(text);
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode ?? 0}: ${text}`);
  const type = headers['content-type'] ?? '';
  const wanted = format === 'text' ? 'text/plain' : 'application/openmetrics-text';
  if (!type.startsWith(wanted)) throw new Error(`a page of type ${type} where ${wanted} was asked for`);
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
