import { isRunning } from './process-costs.ts';

const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** Resolves when none of the processes is at work any more. The reader ends by itself, a moment after its exporter. */
export async function waitForEnd(pids: readonly number[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (pids.some(isRunning)) {
    if (performance.now() > until) throw new Error(`processes have not ended: ${pids.filter(isRunning).join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
