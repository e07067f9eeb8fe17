import { readFileSync } from 'node:fs';
import type { FileRequest, FileResult, Lane, LaneReader } from '../../../src/io/lanes.ts';

/** Reads lanes at once; those in `blocked` never answer, as files of a driver that hangs. */
export function syncLanes(blocked: ReadonlySet<string> = new Set()): LaneReader & { readonly seen: Lane[][] } {
  const seen: Lane[][] = [];
  return {
    seen,
    read(lanes, signal) {
      seen.push([...lanes]);
      const open = lanes.filter(({ key }) => !blocked.has(key));
      const results = new Map(open.map(({ key, files }) => [key, files.map(readOne)]));
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
      return {
        done: open.length === lanes.length ? Promise.resolve() : aborted,
        results: () => results,
        blocked: () => lanes.filter(({ key }) => blocked.has(key)).map(({ key }) => key),
      };
    },
    close: () => Promise.resolve(),
  };
}

function readOne({ path, maxBytes }: FileRequest): FileResult {
  try {
    const bytes = readFileSync(path);
    return { ok: true, text: bytes.toString('latin1', 0, maxBytes), truncated: bytes.length > maxBytes };
  } catch (error) {
    return { ok: false, code: error instanceof Error && 'code' in error ? String(error.code) : 'EIO' };
  }
}
