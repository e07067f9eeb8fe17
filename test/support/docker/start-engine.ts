import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_SOCKET } from './engine-probe.ts';
import { keeperAddress } from './keeper-answer.ts';
import type { KeeperAnswer } from './keeper-answer.ts';

const START_TIMEOUT_MS = 60_000;

/**
 * Gives the socket of an engine that runs for the tests alone: it is shared by all processes that ask at the time, and
 * ends soon after the last of them. Throws one line that says what is missing.
 */
export async function startEngine(): Promise<string> {
  if (process.getuid?.() !== 0) {
    throw new Error(`no Docker engine answers at ${DEFAULT_SOCKET}, and only root may start one: start it, or be root`);
  }
  const found = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'dockerd')));
  if (!found) {
    throw new Error('dockerd is not installed: apt-get install -y --no-install-recommends docker.io');
  }
  const until = performance.now() + START_TIMEOUT_MS;
  let keeper: ChildProcess | undefined;
  while (performance.now() < until) {
    const socket = await askKeeper();
    if (socket !== undefined) return socket;
    if (keeper === undefined || keeper.exitCode !== null || keeper.signalCode !== null) keeper = startKeeper();
    await pause(50);
  }
  throw new Error(`the Docker engine's keeper gave no answer for ${START_TIMEOUT_MS / 1000} s`);
}

/** undefined: there is no keeper, or it was just about to end. */
function askKeeper(): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const connection = connect({ path: keeperAddress() });
    let text = '';
    connection.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (!text.endsWith('\n')) return;
      // This connection is what keeps the engine running: it closes with this process, however that ends.
      connection.unref();
      try {
        resolve(engineOf(JSON.parse(text) as KeeperAnswer));
      } catch (error) {
        connection.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    connection.on('error', () => undefined);
    connection.on('close', () => {
      resolve(undefined);
    });
  });
}

function engineOf(answer: KeeperAnswer): string {
  if ('error' in answer) throw new Error(answer.error);
  // Anybody can take an abstract address.
  if (statSync(answer.socket).uid === 0) return answer.socket;
  throw new Error(`${answer.socket} is not root's: somebody else has the address of the engine's keeper`);
}

/** In a session of its own, so that it outlives its first user. Of several, one gets the address; the others end. */
function startKeeper(): ChildProcess {
  const environment = { ...process.env };
  // What is meant for the test's process.
  delete environment['NODE_OPTIONS'];
  delete environment['NODE_TEST_CONTEXT'];
  const script = join(import.meta.dirname, 'engine-keeper.ts');
  const keeper = spawn(process.execPath, [script], { detached: true, stdio: 'ignore', env: environment });
  keeper.unref();
  return keeper;
}
