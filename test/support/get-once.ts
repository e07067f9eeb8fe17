import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks on a connection of its own, which is closed behind the answer. Not with fetch(), whose parser takes a connection
 * that ends while it is still busy with a large body for a mistake of its own (undici: `assert(!this.paused)`).
 */
export function getOnce(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, headers: { 'accept-encoding': 'gzip', connection: 'close', ...headers } };
    const request = get(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const sent = Buffer.concat(chunks);
        const body = response.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
        resolve({ status: response.statusCode ?? 0, body: body.toString() });
      });
    });
    request.on('error', reject);
  });
}
