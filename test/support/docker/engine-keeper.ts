/**
 * Runs one Docker engine for as long as somebody is connected, and takes it away after. A program of its own, so that
 * test files share the engine and none of them has to live to the end. One dockerd a host: a second one would share the
 * first one's bridge and packet filter.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { answers } from './engine-probe.ts';
import { keeperAddress } from './keeper-answer.ts';
import type { KeeperAnswer } from './keeper-answer.ts';

/** Without users: long enough for the next test file to start. */
const LINGER_MS = 2000;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;

const users = new Set<Socket>();
const started = Promise.withResolvers<KeeperAnswer>();
let stopping = false;
let linger: NodeJS.Timeout | undefined;

const server = createServer((user) => {
  users.add(user);
  clearTimeout(linger);
  user.on('error', () => undefined);
  user.on('close', () => {
    users.delete(user);
    if (users.size === 0) endAfterLinger();
  });
  user.resume();
  void tell(user);
});
server.on('error', () => process.exit(0));
server.listen({ path: keeperAddress() });
await once(server, 'listening');

const folder = mkdtempSync(join(tmpdir(), 'tt-docker-'));
const socketPath = join(folder, 'docker.sock');
const log = join(folder, 'dockerd.log');
const engine = startEngine();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
endAfterLinger();
started.resolve(await untilItAnswers());
engine.on('exit', () => void end());

/** Who comes while the engine stops gets no answer: the connection closes with the keeper, and they start another one. */
async function tell(user: Socket): Promise<void> {
  const text = JSON.stringify(await started.promise);
  if (!stopping) user.write(`${text}\n`);
}

function startEngine(): ChildProcess {
  writeFileSync(join(folder, 'daemon.json'), '{}');
  const output = openSync(log, 'a');
  const flags = [
    // Not the host's own configuration, which may name the same settings as these flags.
    `--config-file=${join(folder, 'daemon.json')}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'docker.pid')}`,
    `--host=unix://${socketPath}`,
  ];
  // The engine ends in order even where the keeper is killed.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'dockerd', ...flags], { stdio: ['ignore', output, output] });
  child.on('error', () => undefined);
  return child;
}

async function untilItAnswers(): Promise<KeeperAnswer> {
  const until = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < until && engine.exitCode === null && engine.signalCode === null) {
    if (await answers(socketPath)) return { socket: socketPath };
    await pause(20);
  }
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join(' | ');
  return { error: `dockerd did not start: ${lines}` };
}

function endAfterLinger(): void {
  clearTimeout(linger);
  linger = setTimeout(() => void end(), LINGER_MS);
}

async function end(): Promise<void> {
  if (stopping) return;
  stopping = true;
  if (engine.pid !== undefined && engine.exitCode === null && engine.signalCode === null) {
    const ended = once(engine, 'exit');
    engine.kill('SIGTERM');
    const late = setTimeout(() => engine.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
  }
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } finally {
    process.exit(0);
  }
}
