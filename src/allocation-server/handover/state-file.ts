import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';

/** A state is small: some hundred bytes a connection. */
const MAX_BYTES = 64 * 2 ** 20;

/** Replaces what is in the file by this text. */
export function writeStateFile(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  ftruncateSync(fd, 0);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, at);
}

/** What is in the file, and empties it; undefined where that is nothing. */
export function takeStateFile(fd: number): string | undefined {
  const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MAX_BYTES));
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(fd, bytes, length, bytes.length - length, length);
    if (count === 0) break;
    length += count;
  }
  ftruncateSync(fd, 0);
  return length === 0 ? undefined : bytes.toString('utf8', 0, length);
}
