import type { Socket } from 'node:net';
import { FRAME_BYTES } from '../protocol/layout.ts';
import type { Dialect } from '../protocol/layout.ts';
import { spoil } from './stock-faults.ts';
import type { StockFault } from './stock-faults.ts';

/** What libuv reads at a time: a chunk of this size ends where its buffer does, not where the peer's bytes do. */
const READ_BYTES = 65536;

export interface StockPeer {
  readonly dialect: Dialect;
  fault(): StockFault | undefined;
  /** The answer to one message; undefined where there is none. */
  answer(message: Buffer): Buffer | undefined;
  /** A send() met a peer that had gone: SIGPIPE. */
  died(): void;
}

/** One thread of the stock server: whatever recv() gives is one message, and one send() answers it. */
export class StockConnection {
  readonly #socket: Socket;
  readonly #peer: StockPeer;
  /** The struct that recv() writes into: what a short message leaves of the one before stays in it. */
  readonly #message: Buffer;
  #unread = Buffer.alloc(0);
  #working: Promise<void> = Promise.resolve();
  #held: Buffer[] = [];
  #answers = 0;
  #peerEnded = false;
  #dead = false;
  /** By this side. */
  #closed = false;
  readonly over: Promise<void>;

  constructor(socket: Socket, peer: StockPeer) {
    this.#socket = socket;
    this.#peer = peer;
    this.#message = Buffer.alloc(FRAME_BYTES[peer.dialect]);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.over = promise;
    socket.on('data', (chunk: Buffer) => {
      this.#working = this.#working.then(() => this.#receive(chunk));
    });
    socket.on('end', () => {
      this.#working = this.#working.then(() => {
        this.#peerEnded = true;
        if (this.#held.length === 0) socket.end();
      });
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(undefined);
    });
    if (peer.fault()?.kind === 'close_at_once') this.destroy();
  }

  /** Sends what was held back, and ends where the peer has. */
  release(): Promise<void> {
    this.#working = this.#working.then(async () => {
      for (const answer of this.#held.splice(0)) await this.#send(answer);
      if (this.#peerEnded) this.#socket.end();
    });
    return this.#working;
  }

  /** Closes from this side. */
  destroy(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  async #receive(chunk: Buffer): Promise<void> {
    const bytes = Buffer.concat([this.#unread, chunk]);
    const size = this.#message.length;
    let offset = 0;
    for (; bytes.length - offset >= size; offset += size) await this.#handle(bytes.subarray(offset, offset + size));
    this.#unread = bytes.subarray(offset);
    if (this.#unread.length === 0 || chunk.length === READ_BYTES) return;
    const part = this.#unread;
    this.#unread = Buffer.alloc(0);
    await this.#handle(part);
  }

  async #handle(received: Buffer): Promise<void> {
    if (this.#closed) return;
    received.copy(this.#message);
    const answer = this.#peer.answer(this.#message);
    if (answer === undefined) return;
    const fault = this.#peer.fault();
    if (fault?.kind === 'close_early' && this.#answers >= fault.answers) {
      this.destroy();
      return;
    }
    const index = this.#answers++;
    const { now, held } = this.#held.length > 0 ? { now: Buffer.alloc(0), held: answer } : spoil(fault, answer, index);
    if (held.length > 0) this.#held.push(held);
    if (now.length > 0) await this.#send(now);
  }

  /** One send(). The turn of the event loop between two of them is where an impatient peer is seen to have gone. */
  async #send(answer: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Error | null | undefined>();
    this.#socket.write(answer, resolve);
    const error = await promise;
    await new Promise(setImmediate);
    // A socket that is gone, but was not closed here, was closed by the peer.
    if (error && !this.#closed) this.#die();
  }

  #die(): void {
    if (!this.#dead) this.#peer.died();
    this.#dead = true;
    this.#socket.destroy();
  }
}
