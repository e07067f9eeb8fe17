import { recommendedPoolSize } from '../io/pool-size.ts';

const FIRST_NODE = 24;

/**
 * Asks for enough threads in libuv's pool of this very process, for a reader that nobody forked; an environment that
 * says a size is followed. Call it before anything reads a file: libuv looks at the variable when its pool starts.
 * Before Node 24 that was over before a module's first line: there UV_THREADPOOL_SIZE has to be set from outside.
 */
export function wantPoolThreads(): void {
  const [major] = process.versions.node.split('.');
  if (Number(major) >= FIRST_NODE) process.env['UV_THREADPOOL_SIZE'] ??= String(recommendedPoolSize);
}
