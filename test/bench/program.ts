import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const START_MS = 60_000;
const END_MS = 3000;
const running = new Set<ChildProcess>();
let brokenOff = false;
/** Of what a program has printed, for an error message. */
const KEPT_CHARACTERS = 2000;

/** A program that runs until end(). */
export interface Program {
  readonly pid: number;
  /** What it said of itself when it was ready: the first group of `ready`. */
  readonly said: string;
  /** When it was started, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Asks it to end, then makes it. Any number of times. */
  readonly end: () => Promise<void>;
}

export interface ProgramStart {
  readonly command: string;
  readonly args: readonly string[];
  /** What it prints when it is ready. */
  readonly ready: RegExp;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a program and waits until it is ready. Rejects, with what it printed, where that does not come. */
export async function startProgram(start: ProgramStart): Promise<Program> {
  if (brokenOff) throw new Error('the bench was broken off');
  const startedAt = performance.now();
  const child = spawn(start.command, start.args, {
    // A program that reads it to its end ends with this one, however this one ends.
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: start.folder,
    env: { ...process.env, ...start.environment },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const end = (): Promise<void> => endProgram(child);
  try {
    const said = await readiness(child, start);
    return { pid: child.pid ?? 0, said, startedAt, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Ends whatever was started here, for a bench that is broken off: nothing starts any more. */
export async function endPrograms(): Promise<void> {
  brokenOff = true;
  await Promise.all([...running].map(endProgram));
}

async function readiness(child: ChildProcess, { command, args, ready }: ProgramStart): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let printed = '';
  const fail = (how: string): void => {
    reject(new Error(`${[command, ...args].join(' ')} ${how}; it said: ${printed.slice(-KEPT_CHARACTERS)}`));
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-2 * KEPT_CHARACTERS);
      const said = ready.exec(printed)?.[1];
      if (said !== undefined) resolve(said);
    });
  }
  child.once('error', (error) => {
    fail(`cannot be started (${error.message})`);
  });
  child.once('exit', (code, signal) => {
    fail(`has ended (${signal ?? `exit code ${code ?? ''}`})`);
  });
  const timer = setTimeout(fail, START_MS, `was not ready after ${START_MS / 1000} s`);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function endProgram(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await gone;
  clearTimeout(timer);
}
