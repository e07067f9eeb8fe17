import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SimulatedHost } from './hosts.ts';

const PROGRAM = join(import.meta.dirname, '..', 'allocation-server', 'cli.ts');

/**
 * Starts tt-allocation-server at the host's socket, watching its regions, until it listens. The workloads are real
 * processes, so it has the real /proc. Gives what ends it. Rejects with what it says where it does not start.
 */
export async function startOwnServer(host: SimulatedHost): Promise<() => Promise<void>> {
  const paths = [`--socket.path=${host.socket}`, `--path.sysfs=${host.sysfs}`, `--path.shm=${host.shm}`];
  const server = spawn(process.execPath, [PROGRAM, ...paths, '--watch-regions'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...host.faultsEnvironment() },
  });
  await listening(server);
  return async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  };
}

async function listening(server: ChildProcess): Promise<void> {
  if (server.stderr === null) return;
  const said: string[] = [];
  const lines = createInterface({ input: server.stderr });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  lines.on('line', (line) => {
    said.push(line);
    if (/\bmsg=listening\b/.test(line)) resolve(undefined);
  });
  server.once('error', reject).once('exit', () => {
    reject(new Error(`the allocation server did not start:\n${said.join('\n')}`));
  });
  await promise;
  lines.removeAllListeners('line').on('line', (line) => {
    // Warnings are of rights that a simulated host is not worth.
    if (!/\blevel=(?:debug|info|warn)\b/.test(line)) console.error(`tt-allocation-server: ${line}`);
  });
}
