// Blocks more reads than the pool has threads, and says how many threads the process then has.
import { open, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { wantPoolThreads } from '../../src/reader/pool-threads.ts';

wantPoolThreads();
const [, , fifo = ''] = process.argv;
for (let index = 0; index < 60; index++) open(fifo, 'r', () => undefined);

let before = -1;
let threads = 0;
while (threads !== before) {
  before = threads;
  await pause(100);
  threads = readdirSync('/proc/self/task').length;
}
process.stderr.write(`threads=${threads}\n`);
process.kill(process.pid, 'SIGKILL');
