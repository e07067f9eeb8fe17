import { bytesAskedFor } from './file-outcome.ts';
import type { Work } from './job-progress.ts';
import type { FileResult, Lane } from './lanes.ts';
import { readThroughPool } from './pool-file.ts';
import type { Step } from './pool-file.ts';
import type { HeldSince, Run } from './run.ts';

/** Lanes read at the same time as long as none is blocked: more threads make small reads slower, not faster. */
const LANES_AT_ONCE = 4;
/** Threads of the pool that are left to others, however many reads are blocked. */
const THREADS_LEFT = 2;

interface Entry {
  readonly run: Run;
  readonly lane: Lane;
}

/** A lane that is being read. */
interface Flight {
  /** When its current read began. */
  since: number;
  /** Whether a read of it has taken long enough to count as blocked. */
  wasBlocked: boolean;
  landed: Promise<void>;
}

export interface PoolReadsOptions {
  /** Threads of libuv's pool. */
  readonly poolSize: number;
  readonly blockedAfterMs: number;
  /** Lanes that somebody else has a read outstanding of. */
  readonly heldElsewhere: HeldSince;
  /** A lane that was blocked has come back. */
  readonly onBlocked: (key: string) => void;
}

/**
 * The careful way: asynchronous reads on libuv's pool. A blocked read keeps its thread, its lane waits for it, and the
 * others go past.
 */
export class PoolReads {
  readonly #options: PoolReadsOptions;
  readonly #most: number;
  readonly #flights = new Map<string, Flight>();
  #queue: Entry[] = [];
  /** Entries whose lane has a read outstanding, for this run or another. */
  #waiting: Entry[] = [];

  constructor(options: PoolReadsOptions) {
    this.#options = options;
    this.#most = Math.max(1, options.poolSize - THREADS_LEFT);
  }

  get outstanding(): number {
    return this.#flights.size;
  }

  heldSince(key: string): number | undefined {
    return this.#flights.get(key)?.since;
  }

  /** Whether any read has been outstanding for so long that it counts as blocked. */
  get blocked(): boolean {
    return this.#healthyFlights() < this.#flights.size;
  }

  enqueue({ run, lanes }: Work): void {
    for (const lane of lanes) this.#queue.push({ run, lane });
    this.pump();
  }

  /** Nobody holds the lane any more: who waits for it is next. */
  release(key: string): void {
    const freed = this.#waiting.filter((entry) => entry.lane.key === key);
    if (freed.length > 0) {
      this.#waiting = this.#waiting.filter((entry) => entry.lane.key !== key);
      this.#queue.unshift(...freed);
    }
    this.pump();
  }

  /** Nothing more is wanted for a run. */
  drop(run: Run): void {
    this.#queue = this.#queue.filter((entry) => entry.run !== run);
    this.#waiting = this.#waiting.filter((entry) => entry.run !== run);
  }

  /** Starts lanes as long as there are places. A lane that has become blocked gives its place to the next. */
  pump(): void {
    if (this.#queue.length === 0) return;
    let free = Math.min(LANES_AT_ONCE - this.#healthyFlights(), this.#most - this.#flights.size);
    while (free > 0) {
      const entry = this.#queue.shift();
      if (entry === undefined) return;
      const { key } = entry.lane;
      if (this.#flights.has(key) || this.#options.heldElsewhere(key) !== undefined) {
        this.#waiting.push(entry);
        continue;
      }
      this.#start(entry);
      free -= 1;
    }
  }

  /** Resolves when no read is outstanding. */
  async landed(): Promise<void> {
    await Promise.all([...this.#flights.values()].map((flight) => flight.landed));
  }

  #start(entry: Entry): void {
    const flight: Flight = { since: performance.now(), wasBlocked: false, landed: Promise.resolve() };
    this.#flights.set(entry.lane.key, flight);
    flight.landed = this.#fly(entry, flight);
  }

  async #fly({ run, lane }: Entry, flight: Flight): Promise<void> {
    const results: FileResult[] = [];
    const buffer = Buffer.allocUnsafe(Math.max(0, ...lane.files.map((file) => bytesAskedFor(file.maxBytes))));
    const step: Step = (operation) => this.#timed(flight, operation);
    for (const file of lane.files) {
      if (run.over) break;
      results.push(await readThroughPool(file, buffer, step));
    }
    this.#flights.delete(lane.key);
    if (results.length === lane.files.length) run.accept(lane.key, results);
    if (flight.wasBlocked) this.#options.onBlocked(lane.key);
    this.release(lane.key);
  }

  async #timed<T>(flight: Flight, operation: () => Promise<T>): Promise<T> {
    flight.since = performance.now();
    try {
      return await operation();
    } finally {
      const now = performance.now();
      if (now - flight.since > this.#options.blockedAfterMs) flight.wasBlocked = true;
      flight.since = now;
    }
  }

  #healthyFlights(): number {
    const now = performance.now();
    let healthy = 0;
    for (const flight of this.#flights.values()) {
      if (now - flight.since <= this.#options.blockedAfterMs) healthy += 1;
    }
    return healthy;
  }
}
