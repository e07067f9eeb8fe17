import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';

import { errnoOf } from './error-code.ts';
import { bytesAskedFor, mayGoOn, toFileResult } from './file-outcome.ts';
import type { FileRequest, FileResult } from './lanes.ts';

const openFile = promisify(open);
const readFile = promisify(read);
const closeFile = promisify(close);

/** Runs one operation that may be blocked. */
export type Step = <T>(operation: () => Promise<T>) => Promise<T>;

/** Opens, reads and closes a file on libuv's pool, one operation after another. Never rejects. */
export async function readThroughPool(file: FileRequest, buffer: Buffer, step: Step): Promise<FileResult> {
  let outcome: number;
  try {
    const fd = await step(() => openFile(file.path, 'r'));
    try {
      outcome = await readFromStart(fd, buffer, bytesAskedFor(file.maxBytes), step);
    } finally {
      await step(() => closeFile(fd));
    }
  } catch (error) {
    outcome = -errnoOf(error);
  }
  return toFileResult(outcome, file.maxBytes, buffer, 0);
}

/** Reads from where a fresh descriptor stands, so that a FIFO works as well. */
async function readFromStart(fd: number, buffer: Buffer, askedFor: number, step: Step): Promise<number> {
  let { bytesRead: got } = await step(() => readFile(fd, buffer, 0, askedFor, null));
  while (mayGoOn(got, askedFor)) {
    const at = got;
    const { bytesRead: more } = await step(() => readFile(fd, buffer, at, askedFor - at, null));
    if (more === 0) break;
    got += more;
  }
  return got;
}
