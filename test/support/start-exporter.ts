import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { getOnce } from './get-once.ts';

export const CLI_PATH = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Programs that still run: a test that fails must leave none behind. */
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

const START_TIMEOUT_MS = 20_000;
/** Characters at the end of what it prints. */
const KEPT_OUTPUT = 2 ** 24;

/** A program that was started by a test, with what it has written to stderr so far, and the newest part of stdout. */
export interface RunningProgram {
  readonly process: ChildProcess;
  readonly stderr: () => string;
  readonly stdout: () => string;
  /** Resolves with the match as soon as stderr has one; rejects when the program ends or 20 s have passed before. */
  waitForLine(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Exit code and signal, once it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** SIGTERM, then waits for the end. Gives the exit code. */
  stop(): Promise<number | null>;
}

export interface RunningExporter extends RunningProgram {
  /** Of the first address that is not a Unix socket, without a path: `http://127.0.0.1:41233`. */
  readonly url: string;
  /** A GET of the telemetry page or of another path. */
  scrape(
    path?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: string }>;
}

export interface StartOptions {
  /** The script to run instead of src/cli.ts. */
  readonly script?: string;
  /** In addition to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of it. */
  readonly replaceEnv?: Readonly<NodeJS.ProcessEnv>;
  /** As which user and group it runs; as this process's own by default. */
  readonly uid?: number;
  /** A command that becomes the program: `setpriv --no-new-privs`. */
  readonly through?: readonly string[];
}

/** Starts the program with these arguments. Stop it at the end of the test. */
export function startProgram(args: readonly string[], options: StartOptions = {}): RunningProgram {
  const words = [...(options.through ?? []), process.execPath, options.script ?? CLI_PATH, ...args];
  const child = spawn(words[0] ?? process.execPath, words.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...(options.replaceEnv ?? process.env), ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let stderr = '';
  let stdout = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    // One that prints for minutes would have more than a string can hold.
    stdout = (stdout.length > 2 * KEPT_OUTPUT ? stdout.slice(-KEPT_OUTPUT) : stdout) + text;
  });
  const ended = once(child, 'exit').then(() => ({ code: child.exitCode, signal: child.signalCode }));
  return {
    process: child,
    stderr: () => stderr,
    stdout: () => stdout,
    ended,
    waitForLine: (pattern) => waitForLine(child, pattern, () => stderr),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return (await ended).code;
    },
  };
}

/**
 * Starts the exporter at a free port of 127.0.0.1 (unless the flags say where) and waits until it listens. Its roots are
 * the machine's own unless flags name others.
 */
export async function startExporter(
  flags: readonly string[] = [],
  options: StartOptions = {},
): Promise<RunningExporter> {
  const listens = flags.some((flag) => flag.startsWith('--web.listen-address'));
  const program = startProgram([...(listens ? [] : ['--web.listen-address=127.0.0.1:0']), ...flags], options);
  await program.waitForLine(/\blistening\b/);
  const [, url = ''] = /\burl"?[=:]"?(http:\/\/[^/\s"]+)/.exec(program.stderr()) ?? [];
  return {
    ...program,
    url,
    scrape: (path = '/metrics', headers = {}) => getOnce(`${url}${path}`, headers),
  };
}

function waitForLine(child: ChildProcess, pattern: RegExp, stderr: () => string): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const match = pattern.exec(stderr());
      if (match === null) return;
      settle();
      resolve(match);
    };
    const fail = (why: string): void => {
      settle();
      reject(new Error(`${why} before it said ${String(pattern)}; it said:\n${stderr()}`));
    };
    const onExit = (): void => {
      look();
      fail('the program ended');
    };
    const timer = setTimeout(() => {
      fail('20 s have passed');
    }, START_TIMEOUT_MS);
    const settle = (): void => {
      clearTimeout(timer);
      child.stderr?.off('data', look);
      child.off('close', onExit);
    };
    child.stderr?.on('data', look);
    child.on('close', onExit);
    look();
  });
}
