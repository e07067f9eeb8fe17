/**
 * What the whole allocation server costs, with 64 connections of an application written in C, and a snapshot every
 * second. Prints ServerResult as JSON.
 *
 *     node server-program.ts ROUNDS
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeSnapshotQuery } from '../../../src/protocol/requests.ts';
import { endWithParent } from '../end-with-parent.ts';

export interface ServerResult {
  readonly sizes: readonly ServerOfSize[];
  /** Resident memory of the process for each live buffer, from the smallest size to the largest. */
  readonly bytesABuffer: number;
}

export interface ServerOfSize {
  readonly live: number;
  /** CPU time of the server for one message, system calls included, when it is sent as much as it can take; a round each. */
  readonly nanoseconds: number[];
  /** Messages a second that it then took, with the sender beside it. */
  readonly perSecond: number[];
  /** Of a blocking send at a tenth of that, in microseconds: the 99.9th percentile, a round each. */
  readonly p999us: number[];
}

interface Sent {
  readonly messages: number;
  readonly seconds: number;
  readonly p999us: number;
}

const SIZES = [1000, 1_000_000] as const;
const CONNECTIONS = 64;
const ROUND_MS = 1000;
const PACED = 20_000;
const SERVER = join(import.meta.dirname, '..', '..', '..', 'src', 'allocation-server', 'cli.ts');
/** Of the times in /proc/<pid>/stat: USER_HZ. */
const TICK_NS = 10_000_000;

endWithParent();
/** None of them outlives this process, however it ends. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'tt-bench-server-'));
const sender = join(folder, 'sender');
execFileSync('cc', ['-std=c11', '-O2', '-Wall', '-Werror', join(import.meta.dirname, 'sender.c'), '-o', sender]);
try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<ServerResult> {
  const sizes: ServerOfSize[] = [];
  const resident: number[] = [];
  for (const live of SIZES) {
    const path = join(folder, `${live}.sock`);
    const server = spawn(process.execPath, [SERVER, `--socket.path=${path}`, '--log.level=warn'], { stdio: 'inherit' });
    children.add(server);
    const client = await connectSender(path, live);
    children.add(client.child);
    const snapshots = setInterval(() => {
      ask(path);
    }, 1000);
    try {
      const { size, bytes } = await measureSize(live, server, client);
      sizes.push(size);
      resident.push(bytes);
    } finally {
      clearInterval(snapshots);
      for (const child of [client.child, server]) await end(child);
    }
  }
  const [least = NaN, most = NaN] = resident;
  return { sizes, bytesABuffer: (most - least) / (SIZES[1] - SIZES[0]) };
}

async function measureSize(
  live: number,
  server: ChildProcess,
  client: Sender,
): Promise<{ readonly size: ServerOfSize; readonly bytes: number }> {
  const pid = server.pid ?? 0;
  const size = { live, nanoseconds: [] as number[], perSecond: [] as number[], p999us: [] as number[] };
  await client.go(ROUND_MS, 0);
  // Before more is sent: what is held is what counts, not what a burst has left to be collected.
  await client.go(2 * ROUND_MS, 100);
  const bytes = residentBytes(pid);
  for (let round = 0; round < rounds; round++) {
    const before = cpuNanoseconds(pid);
    const full = await client.go(ROUND_MS, 0);
    await pause(50);
    size.nanoseconds.push((cpuNanoseconds(pid) - before) / full.messages);
    size.perSecond.push(full.messages / full.seconds);
    size.p999us.push((await client.go(ROUND_MS, PACED)).p999us);
  }
  return { size, bytes };
}

interface Sender {
  readonly child: ChildProcess;
  go(milliseconds: number, rate: number): Promise<Sent>;
}

async function connectSender(path: string, live: number): Promise<Sender> {
  await listening(path);
  const child = spawn(sender, [path, `${CONNECTIONS}`, `${live}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Sent> => {
    const answer = await answers.next();
    if (answer.done === true) throw new Error('the sender ended');
    return JSON.parse(answer.value) as Sent;
  };
  await next();
  return {
    child,
    go: (milliseconds, rate) => {
      child.stdin.write(`go ${milliseconds} ${rate}\n`);
      return next();
    },
  };
}

async function listening(path: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const socket = createConnection({ path });
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await pause(20);
  }
  throw new Error('the server does not listen');
}

function ask(path: string): void {
  const socket = createConnection({ path, allowHalfOpen: true }).on('error', () => undefined);
  socket.resume().end(encodeSnapshotQuery());
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function cpuNanoseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /su, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? NaN) * 1024;
}
