import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** One connection, and every byte that came on it. */
export interface CapturedConnection {
  bytes: Buffer;
  readonly socket: Socket;
}

/** Listens, and keeps what it is sent. It answers nothing, as no server does to an application. */
export class CaptureServer {
  readonly connections: CapturedConnection[] = [];
  readonly #listener: Server;
  readonly #path: string;
  /** New connections are not read from. */
  stands = false;

  private constructor(path: string) {
    this.#path = path;
    this.#listener = createServer((socket) => {
      const connection: CapturedConnection = { bytes: Buffer.alloc(0), socket };
      this.connections.push(connection);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        connection.bytes = Buffer.concat([connection.bytes, chunk]);
      });
      if (this.stands) socket.pause();
    });
  }

  static async start(path: string, stands = false): Promise<CaptureServer> {
    const server = new CaptureServer(path);
    server.stands = stands;
    await new Promise<void>((resolve, reject) => {
      server.#listener.once('error', reject).listen(path, resolve);
    });
    return server;
  }

  /** Everything, connection after connection. */
  get bytes(): Buffer {
    return Buffer.concat(this.connections.map(({ bytes }) => bytes));
  }

  /** Goes like a server that dies, and its socket with it. */
  async close(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const { socket } of this.connections) socket.destroy();
    await closed;
  }

  get path(): string {
    return this.#path;
  }
}
