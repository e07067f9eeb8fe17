import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs a script of this folder in a process of its own, so that nothing has warmed it up, and takes what it prints. */
export async function runForJson(script: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, script), ...args]);
  return JSON.parse(stdout);
}
