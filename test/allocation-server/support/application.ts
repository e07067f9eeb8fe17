import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import type { Readable, Writable } from 'node:stream';
import { eventually } from '../../support/eventually.ts';
import { buildApplication } from './built.ts';

const running = new Set<ChildProcessByStdio<Writable, Readable, null>>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ApplicationOptions {
  readonly messages: number;
  readonly frameBytes?: 72 | 112 | 144;
  readonly pauseMicroseconds?: number;
  /** See application.c. */
  readonly letters?: string;
  /** What it is run by: `unshare`, … */
  readonly wrapper?: readonly string[];
}

export interface Application {
  /** The program's PID, or the wrapper's. */
  readonly pid: number;
  /** What it calls itself. */
  readonly ownPid: number;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Gives it a byte to go on. */
  proceed(): void;
  /** Resolves with the longest send in microseconds when all is sent. */
  sent(): Promise<number>;
  kill(): void;
}

/** Starts application.c, and waits until it has connected. */
export async function startApplication(path: string, options: ApplicationOptions): Promise<Application> {
  const { messages, frameBytes = 144, pauseMicroseconds = 0, letters = '', wrapper = [] } = options;
  const args = [path, frameBytes, messages, pauseMicroseconds, letters].map(String);
  const [program = '', ...rest] = [...wrapper, buildApplication(), ...args];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const ended = once(child, 'exit').then(() => {
    running.delete(child);
    return { code: child.exitCode, signal: child.signalCode };
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.on('error', () => undefined);
  const find = (pattern: RegExp): number | undefined => {
    const [, number] = pattern.exec(output) ?? [];
    return number === undefined ? undefined : Number(number);
  };
  const ownPid = await eventually('the application to connect', () => find(/connected (\d+)/));
  return {
    pid: child.pid ?? 0,
    ownPid,
    ended,
    proceed: () => child.stdin.write('\n'),
    sent: async () => await eventually('all messages to be sent', () => find(/longest (\d+)/) ?? false),
    kill: () => child.kill('SIGKILL'),
  };
}
