/** The thread of Watchdog. An odd turn: an input is under way. */
import { writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { turn, bytes, path, limitMs } = workerData as {
  readonly turn: Int32Array;
  readonly bytes: Uint8Array;
  readonly path: string;
  readonly limitMs: number;
};
let seen = 0;

setInterval(() => {
  const now = Atomics.load(turn, 0);
  if (now % 2 === 1 && now === seen) {
    writeFileSync(path, bytes.slice(0, turn[1]));
    console.error(`an input hangs: it is in ${path}`);
    process.kill(process.pid, 'SIGKILL');
  }
  seen = now;
}, limitMs);
