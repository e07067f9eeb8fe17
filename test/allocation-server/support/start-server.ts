import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../support/start-exporter.ts';
import type { RunningProgram, StartOptions } from '../../support/start-exporter.ts';

export const SERVER_CLI = fileURLToPath(new URL('../../../src/allocation-server/cli.ts', import.meta.url));

export interface RunningServer extends RunningProgram {
  readonly path: string;
  /** SIGTERM, waits for the end, removes the folder of the socket. Gives the exit code. */
  stop(): Promise<number | null>;
}

/** A new folder for a socket, and the socket's path. */
export async function socketFolder(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-server-'));
  return { folder, path: join(folder, 'server.sock') };
}

/** Starts tt-allocation-server at a path of its own, with no card in sight unless a flag says where, until it listens. */
export async function startServer(flags: readonly string[] = [], options: StartOptions = {}): Promise<RunningServer> {
  const { folder, path } = await socketFolder();
  const own = [`--socket.path=${path}`, `--path.sysfs=${folder}/no-sysfs`];
  const program = startProgram([...own, ...flags], { script: SERVER_CLI, ...options });
  await program.waitForLine(/\blistening\b/);
  return {
    ...program,
    path,
    stop: async () => {
      const code = await program.stop();
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}
