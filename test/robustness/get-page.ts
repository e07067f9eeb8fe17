import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** What a scraper that asks like Prometheus gets. */
export interface Page {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** A GET on a connection of its own, compressed. Rejects where no whole answer comes. */
export async function getPage(url: string, timeoutSeconds?: number): Promise<Page> {
  const start = performance.now();
  const headers = {
    'accept-encoding': 'gzip',
    ...(timeoutSeconds !== undefined && { 'x-prometheus-scrape-timeout-seconds': `${timeoutSeconds}` }),
  };
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false, headers }, resolve).on('error', reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const body = message.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  return { status: message.statusCode ?? 0, body: body.toString(), milliseconds: performance.now() - start };
}
