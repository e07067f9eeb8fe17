/* The lane thread: reads what it is told to, synchronously, and may hang in a read for as long as a driver likes. */
import { parentPort } from 'node:worker_threads';

import { textLength } from './file-outcome.ts';
import { KeptFiles } from './kept-files.ts';
import { ResultMemory } from './lane-job.ts';
import type { LaneJob } from './lane-job.ts';

// Failing reads are common (an attribute without data), and a stack for each would cost more than the read.
Error.stackTraceLimit = 0;

const kept = new KeptFiles();
const slots = new Map<number, { readonly keys: readonly string[]; readonly memory: ResultMemory }>();

function work(slot: number): void {
  const plan = slots.get(slot);
  if (plan === undefined || plan.memory.abandoned) return;
  const { keys, memory } = plan;
  memory.filesDone = 0;
  let index = 0;
  let at = 0;
  for (const key of keys) {
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

function takeNote({ slot, plan, define, forget }: Exclude<LaneJob, number>): number {
  if (plan !== undefined) slots.set(slot, { keys: plan.keys, memory: new ResultMemory(plan.memory) });
  for (const key of forget) kept.forget(key);
  for (const lane of define) kept.define(lane);
  return slot;
}

parentPort?.on('message', (job: LaneJob) => {
  work(typeof job === 'number' ? job : takeNote(job));
  parentPort?.postMessage(undefined);
});
parentPort?.postMessage(undefined);
