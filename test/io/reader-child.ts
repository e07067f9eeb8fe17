/* A process with a lane reader, driven by messages. Its reads may block for ever, so whoever starts it kills it. */
import { readdirSync } from 'node:fs';

import { createLaneReader } from '../../src/io/lane-reader.ts';
import type { FileResult, Lane } from '../../src/io/lanes.ts';

export type Command =
  | { readonly type: 'run'; readonly lanes: readonly Lane[]; readonly timeoutMs: number }
  | { readonly type: 'state' }
  | { readonly type: 'close' };

export interface Answer {
  /** How long the command took. */
  readonly ms: number;
  readonly results: Readonly<Record<string, readonly FileResult[]>>;
  readonly blocked: readonly string[];
  readonly fast: boolean;
  readonly stuck: boolean;
  /** What must not pile up: threads, descriptors and outstanding file operations of the process. */
  readonly threads: number;
  readonly descriptors: number;
  readonly requests: number;
}

const reader = createLaneReader({ patienceMs: 500 });

async function obey(command: Command): Promise<Pick<Answer, 'results' | 'blocked'>> {
  if (command.type === 'close') await reader.close();
  if (command.type !== 'run') return { results: {}, blocked: [] };
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, command.timeoutMs);
  const run = reader.read(command.lanes, controller.signal);
  await run.done;
  clearTimeout(timer);
  return { results: Object.fromEntries(run.results()), blocked: run.blocked() };
}

process.on('message', (command: Command) => {
  const start = performance.now();
  void obey(command).then((outcome) => {
    const answer: Answer = {
      ms: performance.now() - start,
      ...outcome,
      fast: reader.fast(),
      stuck: reader.stuck(),
      threads: readdirSync('/proc/self/task').length,
      descriptors: readdirSync('/proc/self/fd').length,
      requests: process.getActiveResourcesInfo().filter((name) => name.startsWith('FSReq')).length,
    };
    process.send?.(answer);
  });
});
