import type { RateLimitConfig } from './types.ts';

/** Lets `burst` through at once, and one more every interval. It begins full. */
export class TokenBucket {
  readonly #config: RateLimitConfig;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** `now`: milliseconds of a clock that is never set back. */
  constructor(config: RateLimitConfig, now: () => number = () => performance.now()) {
    this.#config = config;
    this.#now = now;
    this.#tokens = config.burst;
    this.#at = now();
  }

  /** Whether a request may pass; takes a token where there is one. */
  take(): boolean {
    const { intervalMs, burst } = this.#config;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / intervalMs);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
