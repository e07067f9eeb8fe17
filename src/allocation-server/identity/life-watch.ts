import type { Reporter, Reporters } from './reporters.ts';

const PERIOD_MS = 500;
/** After a connection's end: a process that is killed closes its descriptors some time before it is gone. */
const AFTER_END_MS = [10, 50, 150, 400];
/** Looks at /proc between two turns of the event loop: each takes some 20 µs. */
const SLICE = 32;

/** Looks, again and again, whether processes that report still live. */
export class LifeWatch {
  readonly #reporters: Reporters;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(reporters: Reporters) {
    this.#reporters = reporters;
  }

  start(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#checkAll().finally(() => {
        this.start();
      });
    }, PERIOD_MS);
  }

  /** One of its connections has closed. */
  soon(reporters: readonly Reporter[]): void {
    const alive = reporters.filter(({ ended, host }) => !ended && host !== undefined);
    if (alive.length > 0) this.#again(alive, 0);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #again(reporters: readonly Reporter[], turn: number): void {
    const wait = AFTER_END_MS[turn];
    if (wait === undefined || this.#closed) return;
    setTimeout(() => {
      for (const reporter of reporters) this.#reporters.check(reporter);
      const alive = reporters.filter(({ ended }) => !ended);
      if (alive.length > 0) this.#again(alive, turn + 1);
    }, wait).unref();
  }

  async #checkAll(): Promise<void> {
    let looked = 0;
    for (const reporter of this.#reporters.all()) {
      if (this.#closed) return;
      this.#reporters.check(reporter);
      if (++looked % SLICE === 0) await new Promise(setImmediate);
    }
  }
}
