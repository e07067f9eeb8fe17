import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An alert as Alertmanager sends it. */
export interface SentAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Somebody who is told of alerts. */
export interface Webhook {
  readonly url: string;
  /** All that was sent, in the order in which it came. */
  readonly alerts: readonly SentAlert[];
  close(): Promise<void>;
}

export async function startWebhook(): Promise<Webhook> {
  const alerts: SentAlert[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      alerts.push(...(JSON.parse(body) as { readonly alerts: SentAlert[] }).alerts);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    alerts,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}
