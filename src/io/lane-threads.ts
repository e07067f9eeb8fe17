import type { Work } from './job-progress.ts';
import { LaneThread } from './lane-thread.ts';
import type { LaneThreadOptions } from './lane-thread.ts';

/** One that works and two that hang. With more of them hanging the pool does the work: a thread costs some 10 MB. */
const MAX_THREADS = 3;

/** The thread in use, and those before it that still hang in a read. */
export class LaneThreads {
  readonly #options: LaneThreadOptions;
  #threads: LaneThread[] = [];

  constructor(options: LaneThreadOptions) {
    this.#options = options;
  }

  /** Whether a thread takes work. */
  get ready(): boolean {
    return this.#threads.some((thread) => thread.ready);
  }

  get busy(): boolean {
    return this.#threads.some((thread) => thread.busy);
  }

  get stuck(): boolean {
    return this.#threads.some((thread) => thread.stuck);
  }

  heldSince(key: string): number | undefined {
    for (const thread of this.#threads) {
      const since = thread.heldSince(key);
      if (since !== undefined) return since;
    }
    return undefined;
  }

  /** Sees to it that there is, or soon will be, a thread that takes work. */
  start(): void {
    let thread = this.#threads.find(({ stuck }) => !stuck);
    if (thread === undefined) {
      if (this.#threads.length >= MAX_THREADS) return;
      thread = this.#create();
      this.#threads.push(thread);
    }
    thread.start();
  }

  /** Only while ready. */
  submit(work: Work): void {
    this.#threads.find(({ ready }) => ready)?.submit(work);
  }

  check(): void {
    for (const thread of this.#threads) thread.check();
  }

  deliver(): void {
    for (const thread of this.#threads) thread.deliver();
  }

  /** Resolves when all threads have ended, which a blocked one does not. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #create(): LaneThread {
    const thread = new LaneThread({
      ...this.#options,
      onReleased: (key) => {
        this.#retireIfReplaced(thread);
        this.#options.onReleased(key);
      },
    });
    return thread;
  }

  #retireIfReplaced(thread: LaneThread): void {
    if (!this.#threads.some((other) => other !== thread && !other.stuck)) return;
    this.#threads = this.#threads.filter((other) => other !== thread);
    void thread.close();
  }
}
