import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A file that a FIFO stands in for: whoever opens the path blocks, as in a driver that waits for a reset. The file
 * itself is put aside, so that its inode is the same again afterwards.
 */
export interface StandIn {
  readonly path: string;
  readonly aside: string;
}

/** Puts FIFOs in the place of files. `folder` keeps the files meanwhile; it must be on the same file system. */
export function standIn(paths: readonly string[], folder: string): StandIn[] {
  mkdirSync(folder, { recursive: true });
  const standIns = paths.map((path, i) => ({ path, aside: join(folder, String(i)) }));
  const fifos = standIns.map(({ aside }) => `${aside}.fifo`);
  // Node has no mkfifo.
  execFileSync('mkfifo', ['-m', '644', ...fifos]);
  for (const { path, aside } of standIns) {
    renameSync(path, aside);
    renameSync(`${aside}.fifo`, path);
  }
  return standIns;
}

/** Puts the files back. Who is blocked comes to, and reads `text`. */
export function release(standIns: readonly StandIn[], text: (path: string) => string): void {
  for (const { path, aside } of standIns) {
    // Both ways and non-blocking: opens at once, and wakes those who wait for a writer.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    renameSync(aside, path);
    writeSync(fd, text(path));
    closeSync(fd);
  }
}
