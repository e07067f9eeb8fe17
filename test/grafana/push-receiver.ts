import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PushReceiver {
  readonly url: string;
  close(): Promise<void>;
}

/** Takes what is pushed by OTLP over HTTP, but for every third request, which it refuses for good. */
export async function startPushReceiver(): Promise<PushReceiver> {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      response.writeHead(++requests % 3 === 0 ? 400 : 200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
