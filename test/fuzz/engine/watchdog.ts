import { Worker } from 'node:worker_threads';

/** An input that takes longer hangs: its thread could not say so itself. */
const LIMIT_MS = 15_000;

/**
 * Watches from another thread: where an input takes too long, it is written to a file, and the whole process ends by
 * SIGKILL.
 */
export class Watchdog {
  readonly #turn = new Int32Array(new SharedArrayBuffer(8));
  readonly #bytes: Uint8Array;
  readonly #worker: Worker;

  /** `path`: where an input that hangs is put. */
  constructor(path: string, maxBytes: number, limitMs = LIMIT_MS) {
    const shared = new SharedArrayBuffer(maxBytes);
    this.#bytes = new Uint8Array(shared);
    const workerData = { turn: this.#turn, bytes: this.#bytes, path, limitMs };
    this.#worker = new Worker(new URL('./watchdog-thread.ts', import.meta.url), { workerData });
    this.#worker.unref();
  }

  begin(input: Buffer): void {
    this.#bytes.set(input);
    this.#turn[1] = input.length;
    Atomics.add(this.#turn, 0, 1);
  }

  /** No input is under way. */
  end(): void {
    Atomics.add(this.#turn, 0, 1);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
