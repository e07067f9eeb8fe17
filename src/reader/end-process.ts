import { setTimeout as pause } from 'node:timers/promises';

/** A request to libuv's pool: a thread is at work on it, or stuck in it. */
const POOL_REQUEST = /^FSReq/;
/** Within this time a read that is not blocked has come back. */
const LANDING_MS = 150;

/**
 * Ends this process. `process.exit()` waits for every thread of libuv's pool and every worker, for ever if a driver
 * blocks its read: with such a read under way (`stuck`, or seen here) the process ends by SIGKILL.
 */
export async function endProcess(code: number, stuck: boolean): Promise<never> {
  const until = performance.now() + LANDING_MS;
  while (!stuck && hasPoolRequest() && performance.now() < until) await pause(5);
  if (stuck || hasPoolRequest()) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

function hasPoolRequest(): boolean {
  return process.getActiveResourcesInfo().some((name) => POOL_REQUEST.test(name));
}

/** Resolves with the promise, or without it after so many milliseconds. A rejection counts as an end. */
export async function atMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    over.resolve(undefined);
  }, milliseconds);
  try {
    await Promise.race([promise, over.promise]);
  } catch {
    // What is waited for here is only the end.
  } finally {
    clearTimeout(timer);
  }
}
