/** Somebody whose requests are served a few at a time. */
export interface Asker {
  /** Serves requests until the moment given (`performance.now()`); true where more are left that can be served now. */
  serve(until: number): boolean;
}

/** What all askers together get in one turn of the event loop; then applications are read. */
const SLICE_MS = 1;

/** Serves monitors in turn, so that no flood of requests keeps applications waiting. */
export class RequestDesk {
  #waiting: Asker[] = [];
  #scheduled = false;

  /** `asker` has requests that can be served. It must not be in the queue yet. */
  enqueue(asker: Asker): void {
    this.#waiting.push(asker);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
      this.#schedule();
    });
  }

  #turn(): void {
    const until = performance.now() + SLICE_MS;
    const asked = this.#waiting;
    this.#waiting = [];
    let index = 0;
    for (; index < asked.length && (index === 0 || performance.now() < until); index++) {
      const asker = asked[index];
      if (asker?.serve(until) === true) this.#waiting.push(asker);
    }
    // Those that have not been served go before those that have.
    this.#waiting = [...asked.slice(index), ...this.#waiting];
  }
}
