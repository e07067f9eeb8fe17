import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import type { Outbox } from './outbox.ts';

/** Until the next try; doubled each time that there is no server. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/**
 * The connection to a server, made anew whenever it is lost. One write at a time; nothing here keeps the program running.
 */
export class Link {
  readonly #path: string;
  readonly #outbox: Outbox;
  #socket: Socket | undefined;
  #connected = false;
  #writing = false;
  #scheduled = false;
  #pause = FIRST_PAUSE_MS;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #drained: (() => void) | undefined;
  connections = 0;
  sent = 0;

  constructor(path: string, outbox: Outbox) {
    this.#path = path;
    this.#outbox = outbox;
    this.#connect();
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** There is something in the outbox: sent at the end of this turn, together with what else comes in it. */
  wake(): void {
    if (this.#scheduled || this.#writing || !this.#connected) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#write();
    });
  }

  async close(milliseconds: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    if (this.#connected || this.#socket?.connecting === true) await this.#drain(milliseconds);
    const socket = this.#socket;
    if (socket === undefined || socket.closed) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy();
    await closed;
  }

  #connect(): void {
    // What a server sends is thrown away, so that its end is seen at once and not with the next report.
    const socket = createConnection({ path: this.#path }).unref().resume();
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      this.#connected = true;
      this.connections++;
      this.#pause = FIRST_PAUSE_MS;
      this.#write();
    });
    socket.on('close', () => {
      this.#lose();
    });
  }

  #lose(): void {
    this.#connected = false;
    this.#writing = false;
    this.#outbox.startOver();
    this.#drained?.();
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#connect();
    }, this.#pause).unref();
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
  }

  #write(): void {
    const socket = this.#socket;
    if (this.#writing || !this.#connected || socket === undefined) return;
    const batch = this.#outbox.takeBatch();
    if (batch === undefined) {
      this.#drained?.();
      return;
    }
    this.#writing = true;
    socket.write(batch.bytes, (error) => {
      // The end of the connection puts all of it right.
      if (error) return;
      this.sent += batch.frames;
      this.#writing = false;
      this.#write();
    });
  }

  async #drain(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#drained = () => {
      resolve(undefined);
    };
    const timer = setTimeout(this.#drained, milliseconds);
    this.#write();
    await promise;
    clearTimeout(timer);
  }
}
