/* The lane thread: reads what it is told to, synchronously, and may hang in a read for as long as a driver likes. */
import { parentPort } from 'node:worker_threads';

import { textLength } from './file-outcome.ts';
import { KeptFiles } from './kept-files.ts';
import { ResultMemory } from './lane-job.ts';
import type { LaneJob } from './lane-job.ts';

// Failing reads are common (an attribute without data), and a stack for each would cost more than the read.
Error.stackTraceLimit = 0;

const kept = new KeptFiles();

function work(job: LaneJob): void {
  const memory = new ResultMemory(job.memory);
  memory.filesDone = 0;
  for (const key of job.forget) kept.forget(key);
  for (const lane of job.define) kept.define(lane);
  let index = 0;
  let at = 0;
  for (const key of job.keys) {
    for (const file of kept.files(key)) {
      const outcome = kept.read(file, memory.bytes, at);
      memory.outcomes[index] = outcome;
      at += textLength(outcome, file.maxBytes);
      index += 1;
      memory.filesDone = index;
      if (memory.abandoned) return;
    }
  }
}

parentPort?.on('message', (job: LaneJob) => {
  work(job);
  parentPort?.postMessage(undefined);
});
parentPort?.postMessage(undefined);
