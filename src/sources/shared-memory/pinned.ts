import { closeSync, open } from 'node:fs';
import { promisify } from 'node:util';
import { DESCRIPTOR_INFO_BYTES, parseDescriptorInfo } from '../descriptor-info.ts';
import { isFailure, readSmallFile } from '../procfs/proc-files.ts';

/**
 * A descriptor that holds a place in the tree and nothing else: what is there is not opened (linux:
 * include/uapi/asm-generic/fcntl.h; node:fs does not name it).
 */
export const O_PATH = 0o10000000;

const openInPool: (path: string, flags: number) => Promise<number> = promisify(open);

/**
 * Opens on a thread of libuv's pool, as a tenant can make even a look-up wait, and closes when `use` is over. Rejects
 * with what open() and `use` give.
 */
export async function withOpen<T>(
  path: string,
  flags: number,
  use: (descriptor: number) => T | Promise<T>,
): Promise<T> {
  const descriptor = await openInPool(path, flags);
  try {
    return await use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A path to what a descriptor of this program holds, or to a name in it: what takes the place of openat(). It is the real
 * /proc, whatever root the processes are read from.
 */
export function through(descriptor: number, name?: string): string {
  const path = `/proc/self/fd/${descriptor}`;
  return name === undefined ? path : `${path}/${name}`;
}

/** On which mount a descriptor of this program is: the kernel says so without asking the filesystem. */
export function mountIdOf(descriptor: number): number | undefined {
  const bytes = readSmallFile(`/proc/self/fdinfo/${descriptor}`, DESCRIPTOR_INFO_BYTES);
  return isFailure(bytes) ? undefined : parseDescriptorInfo(bytes.toString('latin1'))?.mountId;
}
