import type { FuzzTarget } from './target.ts';

/** One input may not take longer, nor more memory. */
const MOST_MS = 5000;
const MOST_BYTES = 64 * 2 ** 20;

/** What was wrong with an input; undefined: nothing. */
export async function trial(target: FuzzTarget, input: Buffer): Promise<Error | undefined> {
  const resident = process.memoryUsage.rss();
  const start = performance.now();
  try {
    // Its own copy: it may keep it or write to it.
    const result = target.run(Buffer.from(input));
    if (result !== undefined) await result;
  } catch (error) {
    return error instanceof Error ? error : new Error(`threw ${String(error)}`);
  }
  const ms = performance.now() - start;
  if (ms > MOST_MS) return new Error(`slow: it took ${Math.round(ms)} ms`);
  const grown = process.memoryUsage.rss() - resident;
  if (grown > MOST_BYTES) return new Error(`memory: it took ${Math.round(grown / 2 ** 20)} MiB`);
  return undefined;
}

/** Where it went wrong, roughly: two inputs with the same are one finding. */
export function signature(error: Error): string {
  const [place = ''] = /(?:src|test\/fuzz)\/[^\s)]+/.exec(error.stack ?? '') ?? [];
  return `${error.name} ${error.message.replaceAll(/\d+|"[^"]*"/g, '#').slice(0, 80)} ${place}`;
}
