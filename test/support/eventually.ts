import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until the answer is neither undefined nor false; after so long it is an error that names what was waited for. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  seconds = 10,
): Promise<NonNullable<Exclude<T, false>>> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>;
    if (performance.now() > until) throw new Error(`waited ${seconds} s for ${what}`);
    await pause(10);
  }
}
