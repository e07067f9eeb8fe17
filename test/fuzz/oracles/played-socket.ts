import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { ConnectedSocket } from '../../../src/sources/allocation-server/connect.ts';

/** A socket whose peer sends these pieces, then ends, whatever it is sent; with what it was sent. */
export class PlayedSocket extends Duplex {
  readonly sent: Buffer[] = [];
  readonly #pieces: Buffer[];

  constructor(parts: readonly Buffer[]) {
    super({ allowHalfOpen: true });
    this.#pieces = [...parts];
  }

  /** As what takes a socket wants it. */
  get socket(): Socket {
    return this as unknown as Socket;
  }

  /** Bytes are good for the call only: behind it they are others. */
  get connected(): ConnectedSocket {
    const onBytes = (receive: (bytes: Uint8Array) => void): void => {
      this.on('data', (chunk: Buffer) => {
        const lent = Buffer.from(chunk);
        receive(lent);
        lent.fill(0xee);
      });
    };
    return { socket: this.socket, onBytes };
  }

  override _read(): void {
    this.push(this.#pieces.shift() ?? null);
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: () => void): void {
    this.sent.push(bytes);
    done();
  }
}
