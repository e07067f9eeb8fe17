/**
 * Preloaded into the exporter's processes: writes the 99th percentile of the event loop's delay, in milliseconds since
 * the last SIGUSR2, into the folder TT_BENCH_LOOP_DELAY at the process's end.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 1;

const folder = process.env['TT_BENCH_LOOP_DELAY'];
if (folder !== undefined && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.on('SIGUSR2', () => {
    delay.reset();
  });
  process.on('exit', () => {
    // What it records is the time from one tick to the next, of which the resolution was meant.
    writeFileSync(join(folder, String(process.pid)), String(delay.percentile(99) / 1e6 - RESOLUTION_MS));
  });
}
