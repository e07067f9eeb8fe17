import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { recommendedPoolSize } from '../io/pool-size.ts';
import { MALLOC_SETTINGS } from './memory.ts';
import type { Link } from './supervisor.ts';

/** The descriptor at which a forked reader finds its connection. */
const READER_FD = 3;

/** The program's own file: beside this folder, with the ending of this file (.ts from the source, .js when built). */
const CLI_PATH = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../cli.ts' : '../cli.js', import.meta.url));

export interface ForkOptions {
  /** The program to start instead of this one. */
  readonly script?: string;
  readonly args?: readonly string[];
  /** Threads of its pool, unless the environment asks for more: `recommendedPoolSize` by default. */
  readonly poolSize?: number;
}

/**
 * Starts this program once more as a reader, connected by a socket pair; what it prints goes to stderr. It ends when
 * its end of the socket is closed, however this process ends. Throws where no process can be started.
 */
export function forkReader(options: ForkOptions = {}): Link {
  const { script = CLI_PATH, args = ['reader', `--listen=fd:${READER_FD}`], poolSize = recommendedPoolSize } = options;
  const child = spawn(process.execPath, [...inheritedNodeFlags(), script, ...args], {
    stdio: ['ignore', 2, 2, 'pipe'],
    env: { ...MALLOC_SETTINGS, ...process.env, UV_THREADPOOL_SIZE: String(atLeast(poolSize)) },
  });
  const ended = Promise.withResolvers<string>();
  child.once('exit', (code, signal) => {
    ended.resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`);
  });
  child.once('error', (error) => {
    ended.resolve(error.message);
  });
  child.unref();
  // Without descriptors or processes left there is no stdio at all, whatever its type says.
  const stdio: readonly unknown[] | undefined = Array.isArray(child.stdio) ? child.stdio : undefined;
  const stream = stdio?.[READER_FD];
  if (!(stream instanceof Duplex)) throw new Error('no process for the reader can be started');
  return {
    stream,
    gone: ended.promise,
    abandon: () => {
      child.kill('SIGKILL');
    },
  };
}

function atLeast(poolSize: number): number {
  const wanted = Number(process.env['UV_THREADPOOL_SIZE'] ?? 0);
  return Number.isSafeInteger(wanted) ? Math.max(wanted, poolSize) : poolSize;
}

/** Node's own flags, but not those of a debugger: its port is taken. */
function inheritedNodeFlags(): string[] {
  return process.execArgv.filter((flag) => !/^--(inspect|debug)/.test(flag));
}
