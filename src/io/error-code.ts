import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/**
 * The name of an error number, such as `ENODATA`. Numbers that libuv does not name become `E` and the number: Linux lets
 * its internal ENOTSUPP, 524, out to userspace (tt-kmd up to 2.8: hwmon on Blackhole).
 */
export function errorCode(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `E${errno}`;
}

/** The positive error number of what a function of `node:fs` threw; EINVAL where it refused its arguments (a NUL in a path). */
export function errnoOf(error: unknown): number {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return Math.abs(error.errno);
  return constants.errno.EINVAL;
}
