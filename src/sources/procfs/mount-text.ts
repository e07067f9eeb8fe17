import { closeSync, openSync, readSync } from 'node:fs';
import { failureOf } from './proc-files.ts';
import type { Failure } from './proc-files.ts';

/** Shared: between open and close nothing else runs. */
const chunk = Buffer.allocUnsafe(64 * 1024);

/** A host with hundreds of containers has some hundred KiB of mounts; a tenant may make 100,000 of them. */
const MAX_BYTES = 1024 * 1024;

/**
 * The mountinfo of the process with this folder: the kernel's own text, which asks no filesystem. It needs no rights. The
 * end of a very long one is left out.
 */
export function readMountText(folder: string): string | Failure {
  let fd: number | undefined;
  try {
    fd = openSync(`${folder}/mountinfo`, 'r');
    let text = '';
    while (text.length < MAX_BYTES) {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length === 0) break;
      text += chunk.toString('latin1', 0, length);
    }
    return text;
  } catch (error) {
    return failureOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
