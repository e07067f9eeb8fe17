/** The driver's default for its parameter max_devices (tt-kmd: module.c). */
const MAX_DEVICES = 32;
/** Threads beside those that blocked reads may hold: healthy reads, gzip, name lookups. */
const HEADROOM = 8;

const LIBUV_DEFAULT = 4;
const LIBUV_MAX = 1024;

/**
 * The value for UV_THREADPOOL_SIZE with which every device of a host may be blocked and others are still read. It has to
 * be in the environment when the process starts: Node 22 has started its pool before the first line of a module runs.
 */
export const recommendedPoolSize: number = poolSizeFor(1);

/** The same where a reset can block several lanes of each device. */
export function poolSizeFor(lanesPerDevice: number): number {
  return MAX_DEVICES * lanesPerDevice + HEADROOM;
}

/** How many threads libuv's pool has in a process that was started with this environment (libuv: src/threadpool.c). */
export function threadPoolSize(env: Readonly<Record<string, string | undefined>>): number {
  const text = env['UV_THREADPOOL_SIZE'];
  if (text === undefined) return LIBUV_DEFAULT;
  const size = Number.parseInt(text, 10);
  return Math.min(LIBUV_MAX, Math.max(1, Number.isNaN(size) ? 1 : size));
}
