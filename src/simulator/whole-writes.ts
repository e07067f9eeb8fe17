import type { Socket } from 'node:net';

/**
 * What one write takes at most. The kernel takes a write of that size to a Unix socket whole or not at all, so that
 * no frame is cut where a stock server would see it.
 */
const MAX_WRITE_BYTES = 4096;

/** Writes pieces in order, several at a time but none of them in two writes. */
export class WholeWrites {
  readonly #socket: Socket;
  #queue: Buffer[] = [];
  #writing: Promise<void> | undefined;
  #error: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  push(piece: Buffer): void {
    this.#queue.push(piece);
    this.#writing ??= this.#drain();
  }

  /** Resolves when all of it has been handed to the kernel. Rejects, then and ever after, where the connection is lost. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#error) throw this.#error;
  }

  async #drain(): Promise<void> {
    // After this turn, so that what is pushed together is written together.
    await Promise.resolve();
    for (let taken = 0; taken < this.#queue.length && !this.#error;) {
      const batch: Buffer[] = [];
      let bytes = 0;
      for (let next = this.#queue[taken]; next !== undefined; next = this.#queue[taken]) {
        if (bytes > 0 && bytes + next.length > MAX_WRITE_BYTES) break;
        batch.push(next);
        bytes += next.length;
        taken++;
      }
      this.#error = await this.#write(Buffer.concat(batch));
    }
    this.#queue = [];
    this.#writing = undefined;
  }

  #write(bytes: Buffer): Promise<Error | undefined> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, (error) => {
        resolve(error ?? undefined);
      });
    });
  }
}
