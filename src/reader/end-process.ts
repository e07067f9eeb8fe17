/** A request to libuv's pool: a thread is at work on it, or stuck in it. */
const POOL_REQUEST = /^FSReq/;

/**
 * Ends this process. `process.exit()` waits for every thread of libuv's pool and every worker, for ever if a driver
 * blocks its read: with such a read under way (`stuck`, or seen here) the process ends by SIGKILL.
 */
export function endProcess(code: number, stuck: boolean): never {
  if (stuck || process.getActiveResourcesInfo().some((name) => POOL_REQUEST.test(name))) {
    process.kill(process.pid, 'SIGKILL');
  }
  process.exit(code);
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
