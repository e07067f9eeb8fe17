import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { BcryptJob } from './bcrypt-worker.ts';

export interface BcryptThreadOptions {
  /** After so long without work the thread ends; 10 s. */
  readonly idleMs?: number;
  /** After so long a try is given up; 30 s. */
  readonly timeoutMs?: number;
  /** How many wait at most; 50. */
  readonly maxWaiting?: number;
}

const extension = fileURLToPath(import.meta.url).endsWith('.ts') ? 'ts' : 'js';

/**
 * Computes bcrypt in a thread of its own, one password at a time as the toolkit does: the event loop answers others
 * meanwhile, and wrong passwords cost one core at most. The thread is there only while there is work.
 */
export class BcryptThread {
  readonly #options: Required<BcryptThreadOptions>;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ idleMs = 10_000, timeoutMs = 30_000, maxWaiting = 50 }: BcryptThreadOptions = {}) {
    this.#options = { idleMs, timeoutMs, maxWaiting };
  }

  /** Whether one more is taken. */
  get full(): boolean {
    return this.#waiting >= this.#options.maxWaiting;
  }

  /**
   * Whether the password has this hash. A job that `wanted` says nobody waits for any more, when its turn comes, is
   * `false` at no cost. Rejects where the thread ends or takes too long.
   */
  async compare(job: BcryptJob, wanted: () => boolean = () => true): Promise<boolean> {
    this.#waiting++;
    const turn = this.#last.then(() => wanted() && this.#compute(job));
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#rest();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #compute(job: BcryptJob): Promise<boolean> {
    if (this.#closed) throw new Error('ending');
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    const exit = new AbortController();
    const onExit = (): void => {
      exit.abort();
    };
    try {
      const answer = once(worker, 'message', { signal: AbortSignal.any([signal, exit.signal]) });
      worker.once('exit', onExit);
      worker.postMessage(job);
      const [matches] = (await answer) as [unknown];
      return matches === true;
    } catch (error) {
      await this.#end();
      throw new Error('a password could not be checked', { cause: error });
    } finally {
      worker.off('exit', onExit);
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./bcrypt-worker.${extension}`, import.meta.url), { name: 'bcrypt' });
    worker.unref();
    // Whoever waits is told by once(); a thread that dies while nobody waits is replaced.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }

  #rest(): void {
    if (this.#closed) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#end(), this.#options.idleMs).unref();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
