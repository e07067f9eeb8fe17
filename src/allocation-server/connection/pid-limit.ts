const BURST = 16;
const PER_SECOND = 8;

/** How many new PIDs one connection may name where nobody can say whether they are true: each takes room in the books. */
export class PidLimit {
  #left = BURST;
  #at = performance.now();

  /** False where none is left. */
  take(): boolean {
    const now = performance.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
