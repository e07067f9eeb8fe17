import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/**
 * Gives a live attribute a new value: one pwrite at 0, then ftruncate. The inode stays, so that a reader with the file
 * open sees the new value, as it would in sysfs.
 */
export function updateInPlace(path: string, text: string): void {
  const bytes = Buffer.from(text);
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, bytes, 0, bytes.length, 0);
    ftruncateSync(fd, bytes.length);
  } finally {
    closeSync(fd);
  }
}
