import type { Duplex } from 'node:stream';
import type { ReloadResult } from '../collect/types.ts';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { abortReason, GRACE_MS, ReaderConnection } from './connection.ts';
import type { StartMessage } from './messages.ts';
import { ReaderRefused } from './types.ts';
import type { PageAnswer, PageRequest, Reader, SamplesRequest } from './types.ts';

/** A way to a reader: a process that was started, or a connection to one. */
export interface Link {
  readonly stream: Duplex;
  /** Resolves when nothing is left of it, with how it ended. */
  readonly gone: Promise<string>;
  /** Ends what is behind it by force, without waiting for it. */
  abandon(): void;
}

export interface SupervisorOptions {
  /** Opens a way to a reader. May throw: it is then tried again later. */
  readonly open: () => Link;
  /** Of the program. */
  readonly version: string;
  /** For a reader that takes its configuration from here. Only then is a refusal at the first start final. */
  readonly start: StartMessage | undefined;
  readonly log: Log;
  /** How often the reader is asked whether it is alive, in milliseconds. */
  readonly pingMs?: number;
  /** So many questions without any sign of life: it is left behind. */
  readonly silentPings?: number;
  /** A reader that ends sooner has died young, in milliseconds. */
  readonly youngMs?: number;
  /** The longest pause before the next start, in milliseconds. */
  readonly maxPauseMs?: number;
}

const FIRST_PAUSE_MS = 100;
/** Readers that were left behind and are not gone yet: with so many no silent one is replaced. */
const MAX_LEFT_BEHIND = 1;

interface Current {
  readonly link: Link;
  readonly connection: ReaderConnection;
  readonly openedAt: number;
}

/**
 * Keeps one reader at the other end of a stream: starts it again when it ends, at once, but with pauses when it dies
 * young; leaves it behind and takes a new one when it is silent for long. A reader that is stuck in the kernel cannot
 * even be killed: it is never waited for, and their number is bounded.
 */
export class SupervisedReader implements Reader {
  readonly started: Promise<void>;
  readonly #options: SupervisorOptions;
  readonly #firstStart = Promise.withResolvers<undefined>();
  readonly #leftBehind = new Set<Link>();
  readonly #pings: NodeJS.Timeout;
  #current: Current | undefined;
  #collectors: readonly string[] | undefined;
  /** Settles when the reader that is being opened says hello, or does not. */
  #opening = Promise.withResolvers<ReaderConnection>();
  #diedYoung = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.started = this.#firstStart.promise;
    // Nobody has to listen: a refusal also ends every request.
    this.started.catch(() => undefined);
    this.#opening.promise.catch(() => undefined);
    this.#pings = setInterval(() => {
      this.#ping();
    }, options.pingMs ?? 3000);
    this.#pings.unref();
    this.#open();
  }

  ready(): boolean {
    return this.#current?.connection.collectors !== undefined;
  }

  collectors(): readonly string[] | undefined {
    return this.#collectors;
  }

  async page(request: PageRequest, signal: AbortSignal): Promise<PageAnswer> {
    const { connection, timeoutMs } = await this.#connected(request.timeoutMs, signal);
    return connection.page({ ...request, timeoutMs }, signal);
  }

  async samples(request: SamplesRequest, signal: AbortSignal): Promise<SampleTable> {
    const { connection, timeoutMs } = await this.#connected(request.timeoutMs, signal);
    return connection.samples({ timeoutMs }, signal);
  }

  async reload(): Promise<ReloadResult> {
    try {
      return await (await this.#opening.promise).reload();
    } catch (error) {
      return { ok: false, message: errorText(error) };
    }
  }

  stuck(): boolean {
    return false;
  }

  close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#pings);
    clearTimeout(this.#retry);
    const reason = new Error('the reader was closed');
    this.#current?.connection.close(reason);
    this.#opening.reject(reason);
    return Promise.resolve();
  }

  /** With what is left of the time when the reader is there. */
  async #connected(
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<{ connection: ReaderConnection; timeoutMs: number }> {
    const open = this.#current?.connection;
    if (open?.collectors !== undefined) return { connection: open, timeoutMs };
    const until = performance.now() + timeoutMs;
    const connection = await within(this.#opening.promise, timeoutMs + GRACE_MS, signal);
    return { connection, timeoutMs: Math.max(0, until - performance.now()) };
  }

  #open(): void {
    const { open, version, start, log } = this.#options;
    let link: Link;
    try {
      link = open();
    } catch (error) {
      this.#down(error instanceof Error ? error : new Error(String(error)), performance.now());
      return;
    }
    const openedAt = performance.now();
    const onHello = (): void => {
      log.debug('reader is there');
      this.#collectors = connection.collectors;
      this.#opening.resolve(connection);
      this.#firstStart.resolve(undefined);
    };
    const onClose = (reason: Error): void => {
      this.#leave(link, reason);
      this.#down(reason, openedAt);
    };
    const connection = new ReaderConnection(link.stream, { version, start, onHello, onClose });
    this.#current = { link, connection, openedAt };
  }

  /** The connection is over: what is behind it must end too. */
  #leave(link: Link, reason: Error): void {
    this.#current = undefined;
    this.#leftBehind.add(link);
    void link.gone.then((how) => {
      this.#leftBehind.delete(link);
      if (!this.#closed) this.#options.log.warn('reader ended', { how, reason: errorText(reason) });
    });
    if (!this.#closed) link.abandon();
  }

  #down(reason: Error, openedAt: number): void {
    if (this.#closed) return;
    const neverStarted = this.#collectors === undefined;
    this.#opening.reject(reason);
    if (reason instanceof ReaderRefused && this.#options.start !== undefined && neverStarted) {
      this.#firstStart.reject(reason);
      return;
    }
    const livedMs = performance.now() - openedAt;
    this.#diedYoung = livedMs < (this.#options.youngMs ?? 5000) ? this.#diedYoung + 1 : 0;
    const pause = this.#pause();
    this.#options.log.warn('no reader: trying again', { reason: errorText(reason), pause_ms: pause });
    if (pause === 0) this.#again();
    else this.#retry = setTimeout(this.#again.bind(this), pause).unref();
  }

  #pause(): number {
    if (this.#diedYoung < 2 && this.#leftBehind.size <= MAX_LEFT_BEHIND) return 0;
    return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, this.#diedYoung - 2), this.#options.maxPauseMs ?? 5000);
  }

  #again(): void {
    if (this.#closed) return;
    if (this.#leftBehind.size > MAX_LEFT_BEHIND) {
      this.#retry = setTimeout(this.#again.bind(this), FIRST_PAUSE_MS).unref();
      return;
    }
    this.#opening = Promise.withResolvers<ReaderConnection>();
    this.#opening.promise.catch(() => undefined);
    this.#open();
  }

  #ping(): void {
    const connection = this.#current?.connection;
    if (connection === undefined) return;
    const silent = connection.unansweredPings >= (this.#options.silentPings ?? 5);
    if (silent && this.#leftBehind.size < MAX_LEFT_BEHIND) {
      this.#options.log.error('the reader is stuck: it is left behind and another one started');
      connection.close(new Error('the reader was stuck and is replaced'));
    } else {
      connection.ping();
    }
  }
}

/** The promise, for so long and as long as somebody waits. */
async function within<T>(promise: Promise<T>, waitMs: number, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>();
  const onAbort = (): void => {
    over.reject(abortReason(signal));
  };
  const timer = setTimeout(() => {
    over.reject(new Error('the reader has not started yet'));
  }, waitMs);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
