import { closeSync, openSync, readSync } from 'node:fs';
import { failureOf } from './proc-files.ts';
import { mappedFileKey } from './parse-maps.ts';
import type { Failure } from './proc-files.ts';
import type { Pace } from './pace.ts';

/** The deadline came in the middle. */
export const UNFINISHED = Symbol('unfinished');

const CHUNK_BYTES = 64 * 1024;

/**
 * Which of the wanted files a process has mapped, from its maps. They can be megabytes and wait for a lock of the
 * process, so they are read in pieces. Needs the right to trace the process.
 */
export async function findMappedFiles(
  path: string,
  wanted: { has(key: string): boolean },
  pace: Pace,
): Promise<ReadonlySet<string> | Failure | typeof UNFINISHED> {
  const found = new Set<string>();
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = '';
    for (;;) {
      if (pace.due() && !(await pace.rest())) return UNFINISHED;
      const length = readSync(fd, chunk, 0, chunk.length, null);
      const lines = (rest + chunk.toString('latin1', 0, length)).split('\n');
      rest = length === 0 ? '' : (lines.pop() ?? '');
      for (const line of lines) {
        const key = mappedFileKey(line);
        if (key !== undefined && wanted.has(key)) found.add(key);
      }
      if (length === 0) return found;
    }
  } catch (error) {
    return failureOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
