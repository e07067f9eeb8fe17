import { LaneThreads } from './lane-threads.ts';
import { LaneTrust } from './lane-trust.ts';
import type { Lane, LaneReader, LaneRun } from './lanes.ts';
import { threadPoolSize } from './pool-size.ts';
import { PoolReads } from './pool-reads.ts';
import { Run } from './run.ts';
import type { RunContext } from './run.ts';

const TICK_MS = 25;
const BLOCKED_AFTER_MS = 50;
const PATIENCE_MS = 1000;
/** How long close() waits for reads that are most likely not blocked. */
const CLOSE_WAIT_MS = 100;

export interface LaneReaderOptions {
  /** Threads of libuv's pool in this process; by default what UV_THREADPOOL_SIZE says. */
  readonly poolSize?: number;
  /** Without the thread every lane is read the careful way: slower, for a process that reads only once. */
  readonly thread?: boolean;
  /** From when on a read counts as blocked: 50 ms. */
  readonly blockedAfterMs?: number;
  /** How long a run waits where only blocked reads are left: 1000 ms, counted from the read's begin. */
  readonly patienceMs?: number;
}

/** A reader that outlives reads which cannot be cancelled. */
export interface ThreadedLaneReader extends LaneReader {
  /**
   * Whether a read is blocked; after close(), whether any is outstanding. Such a process cannot end by itself or by
   * process.exit(), both of which wait for the read: SIGKILL ends it.
   */
  stuck(): boolean;
  /** Whether the thread takes lanes: it has started and hangs in none. */
  fast(): boolean;
  /** Starts the thread, which the first run would else do and not wait for. */
  warmUp(): void;
}

/**
 * A reader with a thread for the fast way and libuv's pool for lanes that block. Start the process with
 * `UV_THREADPOOL_SIZE` at `recommendedPoolSize`: with n threads at most n - 2 blocked lanes can be told apart.
 */
export function createLaneReader(options: LaneReaderOptions = {}): ThreadedLaneReader {
  return new Reader(options);
}

class Reader implements ThreadedLaneReader {
  readonly #context: RunContext;
  readonly #useThread: boolean;
  readonly #threads: LaneThreads;
  readonly #pool: PoolReads;
  readonly #trust = new LaneTrust();
  readonly #runs = new Set<Run>();
  #ticker: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LaneReaderOptions) {
    const blockedAfterMs = options.blockedAfterMs ?? BLOCKED_AFTER_MS;
    this.#useThread = options.thread ?? true;
    this.#context = {
      blockedAfterMs,
      patienceMs: options.patienceMs ?? PATIENCE_MS,
      heldSince: (key) => this.#pool.heldSince(key) ?? this.#threads.heldSince(key),
      onRead: (key) => {
        this.#trust.set(key, 'proven');
      },
    };
    this.#threads = new LaneThreads({
      blockedAfterMs,
      onLeft: (work) => {
        for (const { key } of work.lanes) this.#trust.set(key, 'new');
        if (!work.run.over) this.#pool.enqueue(work);
      },
      onReleased: (key) => {
        this.#trust.set(key, 'suspect');
        this.#pool.release(key);
      },
    });
    this.#pool = new PoolReads({
      blockedAfterMs,
      poolSize: options.poolSize ?? threadPoolSize(process.env),
      heldElsewhere: (key) => this.#threads.heldSince(key),
      onBlocked: (key) => {
        this.#trust.set(key, 'suspect');
      },
    });
  }

  read(lanes: readonly Lane[], signal: AbortSignal): LaneRun {
    const unique = [...new Map(lanes.map((lane) => [lane.key, lane])).values()];
    const run = new Run(unique, this.#context);
    if (this.#closed || signal.aborted) {
      run.end();
      return run;
    }
    this.#trust.see(unique);
    this.#follow(run, signal);
    this.#assign(run, unique);
    run.review();
    return run;
  }

  stuck(): boolean {
    if (this.#closed) return this.#threads.stuck || this.#threads.busy || this.#pool.outstanding > 0;
    return this.#threads.stuck || this.#pool.blocked;
  }

  fast(): boolean {
    return this.#threads.ready;
  }

  warmUp(): void {
    if (this.#useThread && !this.#closed) this.#threads.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#runs) run.end();
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_WAIT_MS);
    });
    await Promise.race([Promise.all([this.#threads.close(), this.#pool.landed()]), waited]);
    clearTimeout(timer);
    clearInterval(this.#ticker);
  }

  #assign(run: Run, lanes: readonly Lane[]): void {
    this.warmUp();
    const fast: Lane[] = [];
    const careful: Lane[] = [];
    for (const lane of lanes) (this.#isFast(lane.key) ? fast : careful).push(lane);
    this.#threads.submit({ run, lanes: fast });
    this.#pool.enqueue({ run, lanes: careful });
  }

  /** A thread in place of one that hangs reads only lanes that are known to work: there are few threads to lose. */
  #isFast(key: string): boolean {
    if (!this.#threads.ready || this.#context.heldSince(key) !== undefined) return false;
    const trust = this.#trust.of(key);
    return this.#threads.stuck ? trust === 'proven' : trust !== 'suspect';
  }

  #follow(run: Run, signal: AbortSignal): void {
    const onAbort = (): void => {
      this.#threads.deliver();
      run.end();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#runs.add(run);
    this.#ticker ??= setInterval(() => {
      this.#tick();
    }, TICK_MS);
    void run.done.then(() => {
      signal.removeEventListener('abort', onAbort);
      this.#runs.delete(run);
      this.#pool.drop(run);
      this.#rest();
    });
  }

  #tick(): void {
    this.#threads.check();
    this.#pool.pump();
    for (const run of this.#runs) run.review();
    this.#rest();
  }

  /** Nothing is left to watch: no timer stays, so that an idle reader costs nothing and keeps no process alive. */
  #rest(): void {
    if (this.#runs.size > 0 || this.#threads.busy) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}
