import { parseDocument } from '../../support/parse-document.ts';
import type { SnapshotDocument } from '../../../src/protocol/snapshot-document.ts';
import type { Books, SnapshotJob } from '../../../src/allocation-server/books/types.ts';

export const SERVER = { version: '1.2.3', startSeconds: 1_600_000_000.5, connections: 3 };

/** The books' document as a reader gets it. `between`: what happens between two steps. */
export function takeSnapshot(books: Books, between: () => void = () => undefined): SnapshotDocument {
  const job = books.beginSnapshot(SERVER);
  finish(job, between);
  return parseDocument(Buffer.concat(job.chunks, job.bytes));
}

/** Takes all steps; gives how many there were. */
export function finish(job: SnapshotJob, between: () => void = () => undefined): number {
  let steps = 1;
  for (; !job.step(); steps++) between();
  return steps;
}
