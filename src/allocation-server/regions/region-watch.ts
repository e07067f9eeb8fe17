import { Worker } from 'node:worker_threads';
import type { WatchedRegions } from '../books/types.ts';
import type { RegionPaths } from './region-looks.ts';
import type { WatchMessage, WatchPlan } from './watch-thread.ts';

export interface RegionWatchOptions extends RegionPaths {
  /** From one look to the next; 1000 by default. */
  readonly periodMs?: number;
  /** Told of each problem once. */
  readonly log: (message: string) => void;
  /** Told after each look that was over in time. */
  readonly onLook?: () => void;
}

const PERIOD_MS = 1000;
/** Before a thread that has ended by itself is started again. */
const RESTART_MS = 10_000;
/** Different problems that are told; tenants can make any number. */
const MAX_PROBLEMS = 256;

/**
 * Reads the shared memory regions every second, in a thread, and keeps what they do not: peaks, last activity, and who
 * has ended, for processes that only write there.
 */
export class RegionWatch {
  readonly #options: RegionWatchOptions;
  readonly #told = new Set<string>();
  #worker: Worker;
  #evidence: WatchedRegions | undefined;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RegionWatchOptions) {
    this.#options = options;
    this.#worker = this.#start();
  }

  /** As of the last look; undefined before the first one. */
  get evidence(): WatchedRegions | undefined {
    return this.#evidence;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    await this.#worker.terminate();
  }

  #start(): Worker {
    const { shm, procfs, sysfs, periodMs = PERIOD_MS } = this.#options;
    const plan: WatchPlan = { paths: { shm, procfs, sysfs }, periodMs };
    // From source the file ends in .ts, from the package in .js, like this one.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const file = new URL(`./watch-thread${extension}`, import.meta.url);
    const worker = new Worker(file, { name: 'watch-regions', workerData: plan });
    worker.on('message', (message: WatchMessage) => {
      this.#take(message);
    });
    worker.on('error', (error: unknown) => {
      this.#tell(
        `the thread that watches the regions failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    worker.once('exit', () => {
      if (!this.#closed) this.#restart = setTimeout(() => (this.#worker = this.#start()), RESTART_MS).unref();
    });
    worker.unref();
    return worker;
  }

  #take({ evidence, problems }: WatchMessage): void {
    for (const problem of problems) this.#tell(problem);
    if (evidence === undefined) return;
    this.#evidence = evidence;
    this.#options.onLook?.();
  }

  #tell(problem: string): void {
    if (this.#told.has(problem) || this.#told.size >= MAX_PROBLEMS) return;
    this.#told.add(problem);
    this.#options.log(problem);
  }
}
