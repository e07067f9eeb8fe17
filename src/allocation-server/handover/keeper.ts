import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { lstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../log/log.ts';
import { KEEPER_VARIABLE, readToKeeper } from './keeper-messages.ts';
import { KeptSockets } from './kept-sockets.ts';
import { LISTENER_NAME, STATE_NAME } from './keeping.ts';

/** A server that fails within this time is started again only after a while. */
const SHORT_LIFE_MS = 2000;
const RESTART_WAIT_MS = 1000;
/** Without a server for this long, what applications send is read and thrown away, so that none waits. */
const DRAIN_AFTER_MS = 10_000;
/** How long the server may take to end. */
const END_MS = 900;

/**
 * The process above a server: it holds the server's sockets and starts it again when it ends, so that applications stay
 * connected meanwhile. It reads nothing and knows nothing of the protocol: there is little that could end it.
 */
export class Keeper {
  readonly #path: string;
  readonly #args: readonly string[];
  readonly #log: Log;
  readonly #sockets = new KeptSockets();
  readonly #stateFd = openUnnamedFile();
  #server: ChildProcess | undefined;
  #isReady = false;
  #ending = false;
  #startedAt = 0;
  #drain: NodeJS.Timeout | undefined;
  #file: { readonly dev: number; readonly ino: number } | undefined;

  /** `path`: where the server listens; `args`: the script and the arguments of this program. */
  constructor(path: string, args: readonly string[], log: Log) {
    this.#path = path;
    this.#args = args.filter((arg) => arg !== '--keeper' && arg !== '--keeper=true');
    this.#log = log;
  }

  start(): void {
    const kept = [[STATE_NAME, this.#stateFd] as const, ...this.#sockets.descriptors()];
    this.#startedAt = performance.now();
    const server = spawn(process.execPath, [...process.execArgv, ...this.#args], {
      stdio: ['inherit', 'inherit', 'inherit', ...kept.map(([, fd]) => fd), 'ipc'],
      env: {
        ...process.env,
        LISTEN_FDS: String(kept.length),
        LISTEN_PID: String(process.pid),
        LISTEN_FDNAMES: kept.map(([name]) => name).join(':'),
        [KEEPER_VARIABLE]: String(process.pid),
      },
    });
    this.#server = server;
    server.on('message', (message, handle) => {
      this.#receive(message, handle);
    });
    server.once('exit', (code, signal) => {
      this.#exited(code, signal);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#server?.kill(signal);
  }

  /** Ends the server and this process. Applications lose their connections. */
  stop(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.signal('SIGTERM');
    if (this.#server === undefined) this.#end(0);
    setTimeout(() => {
      this.signal('SIGKILL');
      this.#end(0);
    }, END_MS);
  }

  #receive(message: unknown, handle: unknown): void {
    const told = readToKeeper(message);
    if (told?.kind === 'keep') {
      this.#sockets.keep(told.name, handle);
      if (told.name === LISTENER_NAME) this.#file = lstatSync(this.#path, { throwIfNoEntry: false });
    } else if (told?.kind === 'drop') {
      this.#sockets.drop(told.name);
    } else if (told?.kind === 'ready') {
      this.#isReady = true;
      clearTimeout(this.#drain);
      this.#drain = undefined;
      this.#sockets.stopDraining();
    }
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.#server = undefined;
    if (this.#ending) this.#end(0);
    // It could not even begin, and has said why.
    if (!this.#isReady && this.#sockets.size === 0) this.#end(code ?? 1);
    this.#log.warn('the server has ended: starting it again', {
      code: code ?? undefined,
      signal: signal ?? undefined,
      connections: this.#sockets.size,
    });
    this.#drain ??= setTimeout(() => {
      this.#log.error('there is no server: what applications send is thrown away');
      this.#sockets.drain();
    }, DRAIN_AFTER_MS);
    const failed = code !== 0 && signal === null && performance.now() - this.#startedAt < SHORT_LIFE_MS;
    setTimeout(
      () => {
        if (!this.#ending) this.start();
      },
      failed ? RESTART_WAIT_MS : 0,
    );
  }

  #end(code: number): never {
    const stats = lstatSync(this.#path, { throwIfNoEntry: false });
    if (this.#file !== undefined && stats?.dev === this.#file.dev && stats.ino === this.#file.ino) {
      rmSync(this.#path, { force: true });
    }
    process.exit(code);
  }
}

/** A descriptor of a file that has no name any more. */
function openUnnamedFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'tt-allocation-server-'));
  try {
    return openSync(join(folder, 'state'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
