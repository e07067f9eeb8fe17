/** Given where no look is left. */
export const LIMITED = Symbol('limited');

const BURST = 16;
const PER_SECOND = 8;

/**
 * How often one connection may name a new PID: a look into /proc takes up to some ten milliseconds where the process is
 * in a container, and everybody waits for it.
 */
export class LookupLimit {
  #left = BURST;
  #at = performance.now();

  take(): typeof LIMITED | undefined {
    const now = performance.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    if (this.#left < 1) return LIMITED;
    this.#left--;
    return undefined;
  }
}
