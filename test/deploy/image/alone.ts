import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const TIMEOUT_MS = 600_000;

/**
 * Runs something that no other process does at the same time under this name. An abstract Unix address is what they
 * take turns at: it goes with its process, however that ends.
 */
export async function alone<T>(name: string, task: () => Promise<T>): Promise<T> {
  const until = performance.now() + TIMEOUT_MS;
  for (;;) {
    const turn = createServer();
    try {
      turn.listen({ path: `\0${name}` });
      await once(turn, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() > until) throw error;
      await pause(100);
      continue;
    }
    try {
      return await task();
    } finally {
      turn.close();
    }
  }
}
