/** An allocation server among clients that come, report, die at random, and somebody who sends it rubbish. */
import { randomBytes, randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { buildNative } from '../../allocation-server/support/built.ts';
import { ask } from '../../allocation-server/support/ask.ts';
import { startServer } from '../../allocation-server/support/start-server.ts';
import { responseOf, sumTotals, TABLE_DEVICES, TableClient } from '../../support/table-client/table-client.ts';
import type { TableTotals } from '../../support/table-client/table-client.ts';

export interface SoakPlan {
  readonly seconds: number;
  readonly clients: number;
  readonly fuzzers: number;
  /** Reports of each client from one check to the next. */
  readonly reports: number;
  readonly log: (line: string) => void;
}

export interface SoakResult {
  readonly rounds: number;
  readonly died: number;
  /** Connections of the fuzzers. */
  readonly fuzzed: number;
  /** Descriptors of the server: before the first client, and after the last one. */
  readonly descriptors: readonly [number, number];
  /** Resident bytes of the server: after the first half, and at the end. */
  readonly resident: readonly [number, number];
}

/** How long the books may need for what has been sent, with everything else that goes on. */
const AGREE_MS = 10_000;
const DIALECTS = ['A', 'B', 'C'] as const;

/** Throws where a total is wrong, or anything is left when all have gone. */
export async function soak(plan: SoakPlan): Promise<SoakResult> {
  buildNative();
  const server = await startServer();
  const pid = server.process.pid ?? 0;
  const fuzz = new Fuzz(server.path);
  const clients: TableClient[] = [];
  try {
    const descriptors = await settledDescriptors(pid);
    const until = performance.now() + plan.seconds * 1000;
    const half = performance.now() + plan.seconds * 500;
    let [rounds, died, seed] = [0, 0, 0];
    let resident = residentBytes(pid);
    fuzz.start(plan.fuzzers);
    while (performance.now() < until) {
      while (clients.length < plan.clients)
        clients.push(new TableClient(server.path, DIALECTS[seed++ % 3] ?? 'C', seed));
      const held = await Promise.all(clients.map((client) => client.run(randomInt(1, plan.reports))));
      await agree(server.path, sumTotals(held));
      died += await killSome(clients);
      rounds++;
      if (performance.now() < half) resident = residentBytes(pid);
      plan.log(`${rounds} rounds, ${died} died, ${residentBytes(pid) >> 20} MiB, ${countDescriptors(pid)} descriptors`);
    }
    await fuzz.stop();
    await Promise.all(clients.splice(0).map((client) => client.kill()));
    await agree(server.path, sumTotals([]));
    const after = await settledDescriptors(pid, descriptors);
    return {
      rounds,
      died,
      fuzzed: fuzz.connections,
      descriptors: [descriptors, after],
      resident: [resident, residentBytes(pid)],
    };
  } finally {
    await fuzz.stop();
    await Promise.all(clients.map((client) => client.kill()));
    await server.stop();
  }
}

/** A third of them, in the middle of reporting; the others never notice. */
async function killSome(clients: TableClient[]): Promise<number> {
  const doomed = clients.splice(randomInt(clients.length), Math.ceil(clients.length / 3));
  await Promise.all(doomed.map((client) => client.churn()));
  await Promise.all(doomed.map((client) => client.kill(randomInt(2) === 0 ? 'SIGKILL' : 'SIGTERM')));
  return doomed.length;
}

async function agree(path: string, totals: TableTotals): Promise<void> {
  const expected = totals.map((of, device) => responseOf('C', device, of).toString('hex'));
  const until = performance.now() + AGREE_MS;
  for (;;) {
    const told: string[] = [];
    for (let device = 0; device < TABLE_DEVICES; device++) told.push((await ask(path, query(device))).toString('hex'));
    if (JSON.stringify(told) === JSON.stringify(expected)) return;
    if (performance.now() > until)
      throw new Error(`wrong totals:\n${told.join('\n')}\nand not\n${expected.join('\n')}`);
    await pause(20);
  }
}

function query(device: number): Buffer {
  const frame = Buffer.alloc(144);
  frame.writeUInt8(3, 0);
  frame.writeInt32LE(device, 4);
  return frame;
}

/** Sends rubbish: noise, frames with wrong fields, parts of frames, other processes' PIDs; and goes at any moment. */
class Fuzz {
  readonly #path: string;
  readonly #open = new Set<Socket>();
  #stopped = false;
  #loops: Promise<void>[] = [];
  connections = 0;

  constructor(path: string) {
    this.#path = path;
  }

  start(count: number): void {
    this.#loops = Array.from({ length: count }, () => this.#loop());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    for (const socket of this.#open) socket.destroy();
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      const socket = createConnection({ path: this.#path })
        .on('error', () => undefined)
        .resume();
      this.connections++;
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
      for (let writes = randomInt(1, 8); writes > 0; writes--) {
        socket.write(rubbish());
        await pause(randomInt(30));
      }
      // Some end in order, some abruptly, some stay.
      const end = randomInt(3);
      if (end === 0) socket.end();
      else if (end === 1 || this.#open.size > 32) socket.destroy();
    }
  }
}

function rubbish(): Buffer {
  const size = [72, 112, 144][randomInt(3)] ?? 144;
  if (randomInt(4) === 0) return randomBytes(randomInt(1, 600));
  const frames = Array.from({ length: randomInt(1, 20) }, () => {
    const frame = Buffer.alloc(size);
    const header = randomBytes(40);
    header.copy(frame);
    // Else a PID that nobody has, for which the server looks through /proc.
    if (randomInt(3) === 0) frame.fill(0, 20, 24);
    // A known type, and now and then zeros where there must be some.
    frame[0] = [1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 64, 66, 67, 68][randomInt(14)] ?? 1;
    if (randomInt(2) === 0) {
      frame.fill(0, 1, 4);
      frame.fill(0, 17, 20);
      frame.writeInt32LE(randomInt(TABLE_DEVICES), 4);
      frame.writeUInt8(randomInt(6), 16);
    }
    return frame;
  });
  const bytes = Buffer.concat(frames);
  return randomInt(3) === 0 ? bytes.subarray(0, randomInt(1, bytes.length)) : bytes;
}

function countDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** As soon as there are no more than `most`, or what there is after two seconds. */
async function settledDescriptors(pid: number, most = 0): Promise<number> {
  const until = performance.now() + 2000;
  while (countDescriptors(pid) > most && performance.now() < until) await pause(50);
  return countDescriptors(pid);
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}
