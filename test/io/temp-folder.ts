import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type { FileResult, Lane } from '../../src/io/lanes.ts';

/** A folder that is removed when the test is over. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanes-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** FIFOs: opening one blocks until it has a writer, reading it until something is written. */
export function makeFifos(paths: readonly string[]): void {
  if (paths.length > 0) execFileSync('mkfifo', paths);
}

/** How many descriptors of a process lead into a folder, to files that are still there or not. */
export function descriptorsInto(folder: string, pid: number = process.pid): number {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // The one that lists the folder is closed by now.
    }
  });
  return links.filter((link) => link.startsWith(folder)).length;
}

export function laneOf(key: string, paths: readonly string[], { generation = '1', maxBytes = 64 } = {}): Lane {
  return { key, generation, files: paths.map((path) => ({ path, maxBytes })) };
}

export function text(value: string, truncated = false): FileResult {
  return { ok: true, text: value, truncated };
}

export function failure(code: string): FileResult {
  return { ok: false, code };
}
