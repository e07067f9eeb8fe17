const REAL = performance.now.bind(performance);

/** The clock that the exporter's own patience goes by: it runs ahead by the time that passes in the world. */
export class PassingTime implements Disposable {
  #ahead = 0;

  constructor() {
    performance.now = () => REAL() + this.#ahead;
  }

  pass(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  [Symbol.dispose](): void {
    performance.now = REAL;
  }
}
