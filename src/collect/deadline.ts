/**
 * A moment by which work must be over, on the monotonic clock (`performance.now()`, milliseconds). It can be moved
 * later, never earlier: a scrape that joins a running collection may have more time than the one that started it.
 */
export class Deadline {
  #at: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #controller = new AbortController();

  constructor(at: number) {
    this.#at = at;
    this.#arm();
  }

  static after(milliseconds: number): Deadline {
    return new Deadline(performance.now() + milliseconds);
  }

  /** Milliseconds on the clock of `performance.now()`. */
  get at(): number {
    return this.#at;
  }

  /** Aborted when the moment has come. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds left; 0 once it has passed. */
  remaining(): number {
    return Math.max(0, this.#at - performance.now());
  }

  extendTo(at: number): void {
    if (at <= this.#at || this.signal.aborted) return;
    this.#at = at;
  }

  /** Nobody waits any more: no timer stays behind. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const left = this.#at - performance.now();
    if (left <= 0) {
      this.#controller.abort(new Error('deadline exceeded'));
      return;
    }
    this.#timer = setTimeout(() => {
      this.#arm();
    }, Math.ceil(left));
    this.#timer.unref();
  }
}
