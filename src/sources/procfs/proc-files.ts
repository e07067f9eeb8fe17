import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoOf } from '../../io/error-code.ts';
import type { Stats } from 'node:fs';

/** The process, descriptor or file is not there (any more). */
export const GONE = Symbol('gone');
/** The kernel refuses: EACCES or EPERM. */
export const DENIED = Symbol('denied');
/** Anything else: too many open files, out of memory, an I/O error. */
export const FAILED = Symbol('failed');
export type Failure = typeof GONE | typeof DENIED | typeof FAILED;

export function isFailure(value: unknown): value is Failure {
  return value === GONE || value === DENIED || value === FAILED;
}

const { EACCES, ENOENT, ENOTDIR, EPERM, ESRCH } = constants.errno;

/**
 * What an error of a system call says about a process or one of its files. ESRCH is procfs's way to say that the process
 * ended between open() and read().
 */
export function failureOf(error: unknown): Failure {
  const errno = errnoOf(error);
  if (errno === ENOENT || errno === ESRCH || errno === ENOTDIR) return GONE;
  return errno === EACCES || errno === EPERM ? DENIED : FAILED;
}

const scratch = Buffer.allocUnsafe(64 * 1024);

/** The first `maxBytes` (at most 64 KiB) of a small file. The bytes are the caller's own. */
export function readSmallFile(path: string, maxBytes = scratch.length): Buffer | Failure {
  const limit = Math.min(maxBytes, scratch.length);
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    let length = 0;
    while (length < limit) {
      const count = readSync(fd, scratch, length, limit - length, null);
      if (count === 0) break;
      length += count;
    }
    return Buffer.from(scratch.subarray(0, length));
  } catch (error) {
    return failureOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The names that are plain decimal numbers from 0 (PIDs, descriptors, device numbers), in the folder's order. */
export function listNumbers(path: string): number[] | Failure {
  try {
    const numbers: number[] = [];
    for (const name of readdirSync(path)) {
      if (/^(?:0|[1-9]\d{0,9})$/.test(name)) numbers.push(Number(name));
    }
    return numbers;
  } catch (error) {
    return failureOf(error);
  }
}

/** The text of a symbolic link; of a magic link of procfs, the path as its holder's mount namespace has it. */
export function readLinkText(path: string): string | Failure {
  try {
    return readlinkSync(path);
  } catch (error) {
    return failureOf(error);
  }
}

/**
 * stat() through a link. On a magic link of /proc/<pid>/fd it reaches the open file itself, whatever became of its name,
 * and does not open it: a device's power state stays as it is.
 */
export function statThrough(path: string): Stats | Failure {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? GONE;
  } catch (error) {
    return failureOf(error);
  }
}
