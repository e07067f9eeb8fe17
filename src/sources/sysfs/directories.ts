import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { isErrnoCode } from './errno.ts';

/** Names in a directory, or undefined where it does not exist. Throws what else readdir throws. */
export function namesIn(directory: string): string[] | undefined {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isErrnoCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The target of a link as it is written; undefined where there is no link that can be read. */
export function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Tells a directory from one that takes its place: inode and time of change, for some file systems give an inode number
 * away again at once. Undefined where the directory does not exist.
 */
export function directoryId(directory: string): string | undefined {
  const stats = statSync(directory, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.ino}.${stats.ctimeMs}`;
}

/** The numbers N of the names `<prefix>N`, ascending. */
export function numbersAfter(prefix: string, names: readonly string[]): number[] {
  const numbers: number[] = [];
  for (const name of names) {
    const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^\d{1,9}$/.test(digits)) numbers.push(Number(digits));
  }
  return numbers.sort((a, b) => a - b);
}
