import { u64At } from './counters.ts';

/** Both clocks at one moment, in seconds. */
export interface Clock {
  readonly epochSeconds: number;
  /** CLOCK_MONOTONIC, which the oldest writers used. */
  readonly monotonicSeconds: number;
}

/** 2001 as seconds since the epoch, or 31 years as seconds since boot: what is below is the one, what is above the other. */
const EPOCH_STARTS_AT = 1e9;

/** A clock that was set back leaves timestamps of the future behind; more than a day of it is garbage. */
export const FUTURE_SECONDS = 86_400;

export function readClock(): Clock {
  const [seconds, nanoseconds] = process.hrtime();
  return { epochSeconds: Date.now() / 1000, monotonicSeconds: seconds + nanoseconds / 1e9 };
}

/**
 * A u64 of nanoseconds as seconds since the epoch; undefined where it is 0 or not believable. With `maybeSinceBoot`
 * a small number counts from boot (version 1 took it from std::chrono::steady_clock before it took system_clock).
 */
export function timestampAt(view: DataView, offset: number, clock: Clock, maybeSinceBoot: boolean): number | undefined {
  const seconds = u64At(view, offset) / 1e9;
  if (seconds === 0) return undefined;
  if (seconds >= EPOCH_STARTS_AT) return seconds <= clock.epochSeconds + FUTURE_SECONDS ? seconds : undefined;
  const age = clock.monotonicSeconds - seconds;
  return maybeSinceBoot && age >= 0 ? clock.epochSeconds - age : undefined;
}
