import { Agent, get } from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface ScrapeResult {
  readonly ms: number;
  /** As sent. */
  readonly compressed: Buffer;
}

/** A client that scrapes as Prometheus does: one connection kept open, gzip accepted. */
export class ScrapeClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  scrape(): Promise<ScrapeResult> {
    const start = performance.now();
    return new Promise((resolve, reject) => {
      const request = get(this.#url, { agent: this.#agent, headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200) reject(new Error(`${this.#url}: HTTP ${response.statusCode ?? 0}`));
          else resolve({ ms: performance.now() - start, compressed: Buffer.concat(chunks) });
        });
      });
      request.on('error', reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The page behind a compressed answer: its bytes and its samples. Throws where it has too few of them. */
export function measurePage(compressed: Buffer, leastSeries: number): { bytes: number; series: number } {
  const text = gunzipSync(compressed).toString('latin1');
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  if (series < leastSeries) throw new Error(`a page has ${series} series, where at least ${leastSeries} are due`);
  return { bytes: text.length, series };
}

export interface ScrapePlan {
  readonly milliseconds: number;
  readonly leastSeries: number;
}

/** Scrapes without a pause for so long, and at least once; gives the number of scrapes. */
export async function scrapeFor(url: string, { milliseconds, leastSeries }: ScrapePlan): Promise<number> {
  const client = new ScrapeClient(url);
  const until = performance.now() + milliseconds;
  let scrapes = 0;
  try {
    let last: ScrapeResult;
    do {
      last = await client.scrape();
      scrapes++;
    } while (performance.now() < until);
    measurePage(last.compressed, leastSeries);
    return scrapes;
  } finally {
    client.close();
  }
}
