import { bytesAskedFor, toFileResult } from './file-outcome.ts';
import { KeptFiles } from './kept-files.ts';
import { LaneBook } from './lane-book.ts';
import type { FileResult, Lane, LaneReader, LaneRun } from './lanes.ts';

/**
 * A reader that has read everything when read() returns: no thread, no waiting, and a blocked file blocks the caller.
 * For tests and for files that no driver stands behind.
 */
export function createInlineLaneReader(): LaneReader {
  const kept = new KeptFiles();
  const book = new LaneBook();
  return {
    read(lanes: readonly Lane[]): LaneRun {
      const { define, forget } = book.update(lanes);
      for (const key of forget) kept.forget(key);
      for (const lane of define) kept.define(lane);
      const results = new Map(lanes.map(({ key }) => [key, readLane(kept, key)]));
      return { done: Promise.resolve(), results: () => results, blocked: () => [] };
    },
    close(): Promise<void> {
      kept.close();
      return Promise.resolve();
    },
  };
}

function readLane(kept: KeptFiles, key: string): FileResult[] {
  return kept.files(key).map((file) => {
    const buffer = Buffer.allocUnsafe(bytesAskedFor(file.maxBytes));
    return toFileResult(kept.read(file, buffer, 0), file.maxBytes, buffer, 0);
  });
}
