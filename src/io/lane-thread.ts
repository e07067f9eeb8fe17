import { Worker } from 'node:worker_threads';

import { bytesAskedFor } from './file-outcome.ts';
import { JobProgress } from './job-progress.ts';
import type { Work } from './job-progress.ts';
import { LaneBook } from './lane-book.ts';
import { ResultMemory } from './lane-job.ts';
import type { LaneJob } from './lane-job.ts';
import type { Lane } from './lanes.ts';

/** Memory for one job: a lane that needs more gets a job of its own. */
const MAX_JOB_BYTES = 8 * 1024 * 1024;
/** A thread that ends by itself this often without having done anything is not started again. */
const MAX_FAILURES = 3;

/** `stuck`: its job was taken away from it, and it is still in the read that blocked it. */
type State = 'off' | 'starting' | 'idle' | 'busy' | 'stuck';

export interface LaneThreadOptions {
  readonly blockedAfterMs: number;
  /** Takes the lanes that the thread could not read. */
  readonly onLeft: (work: Work) => void;
  /** The thread has come back from the lane that blocked it. */
  readonly onReleased: (key: string) => void;
}

/** The fast way: a thread that reads lanes synchronously, one job at a time, and is left alone when it hangs. */
export class LaneThread {
  readonly #options: LaneThreadOptions;
  readonly #book = new LaneBook();
  #worker: Worker | undefined;
  #state: State = 'off';
  #failures = 0;
  #queue: Work[] = [];
  #progress: JobProgress | undefined;
  #held: { readonly key: string; readonly since: number } | undefined;
  #memory: ResultMemory | undefined;

  constructor(options: LaneThreadOptions) {
    this.#options = options;
  }

  /** Whether it takes work. */
  get ready(): boolean {
    return this.#state === 'idle' || this.#state === 'busy';
  }

  get busy(): boolean {
    return this.#state === 'busy';
  }

  get stuck(): boolean {
    return this.#state === 'stuck';
  }

  heldSince(key: string): number | undefined {
    return this.#held?.key === key ? this.#held.since : undefined;
  }

  /** Starts the thread where there is none. It is not ready before its first message. */
  start(): void {
    if (this.#state !== 'off' || this.#failures >= MAX_FAILURES) return;
    // From source the file ends in .ts, from the package in .js, like this one.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const worker = new Worker(new URL(`./lane-worker${extension}`, import.meta.url), { name: 'lane-reader' });
    worker.on('message', () => {
      this.#cameBack();
    });
    worker.on('error', () => undefined); // 'exit' follows.
    worker.once('exit', () => {
      this.#ended(worker);
    });
    worker.unref(); // After the listeners: the one for messages would take it back.
    this.#worker = worker;
    this.#state = 'starting';
  }

  submit(work: Work): void {
    if (work.lanes.length === 0) return;
    this.#queue.push(...cut(work));
    if (this.#state === 'idle') this.#next();
  }

  /** Hands over what is whole by now, and takes the job away from a thread that stands still. */
  check(): void {
    const progress = this.#progress;
    if (this.#state !== 'busy' || progress === undefined) return;
    const since = progress.stoodStillSince();
    progress.deliver();
    if (progress.rest.length === 0) return;
    if (since === undefined || performance.now() - since <= this.#options.blockedAfterMs) return;
    const [current] = progress.rest;
    if (progress.begun && current !== undefined) this.#held = { key: current.key, since };
    this.#state = 'stuck';
    this.#memory?.abandon();
    this.#leaveAll();
  }

  /** Hands over what is whole by now. */
  deliver(): void {
    if (this.#state === 'busy') this.#progress?.deliver();
  }

  /** Ends the thread, which closes its descriptors. Resolves once it has ended, which a blocked one does not. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#failures = MAX_FAILURES;
    this.#queue = [];
    await worker?.terminate();
  }

  #next(): void {
    let work = this.#queue.shift();
    while (work?.run.over === true) work = this.#queue.shift();
    this.#state = 'idle';
    this.#progress = undefined;
    if (work === undefined) return;
    const memory = this.#memoryFor(work.lanes);
    const { define, forget } = this.#book.update(work.lanes);
    const job: LaneJob = { define, forget, keys: work.lanes.map((lane) => lane.key), memory: memory.buffer };
    this.#progress = new JobProgress(work, memory);
    this.#state = 'busy';
    this.#worker?.postMessage(job);
  }

  /** Only called while the thread is idle: memory that a stuck thread may still write to is never handed out again. */
  #memoryFor(lanes: readonly Lane[]): ResultMemory {
    const files = lanes.reduce((sum, lane) => sum + lane.files.length, 0);
    const bytes = lanes.reduce((sum, lane) => sum + bytesFor(lane), 0);
    if (this.#memory?.fits(files, bytes) !== true) this.#memory = ResultMemory.allocate(files, bytes);
    this.#memory.reset();
    return this.#memory;
  }

  #cameBack(): void {
    if (this.#state === 'busy') {
      this.#failures = 0;
      this.#progress?.deliver();
    }
    const held = this.#held;
    this.#held = undefined;
    this.#next();
    if (held !== undefined) this.#options.onReleased(held.key);
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.deliver();
    const held = this.#held;
    this.#worker = undefined;
    this.#held = undefined;
    this.#state = 'off';
    this.#failures += 1;
    this.#book.clear();
    this.#leaveAll();
    if (held !== undefined) this.#options.onReleased(held.key);
  }

  #leaveAll(): void {
    const left = this.#queue;
    this.#queue = [];
    if (this.#progress !== undefined) left.unshift({ run: this.#progress.work.run, lanes: this.#progress.rest });
    this.#progress = undefined;
    for (const work of left) this.#options.onLeft(work);
  }
}

function bytesFor(lane: Lane): number {
  return lane.files.reduce((sum, file) => sum + bytesAskedFor(file.maxBytes), 0);
}

/** Cuts work into jobs whose texts fit into memory of a bounded size, at the bounds of lanes. */
function cut(work: Work): Work[] {
  const jobs: Work[] = [];
  let lanes: Lane[] = [];
  let bytes = 0;
  for (const lane of work.lanes) {
    const needed = bytesFor(lane);
    if (lanes.length > 0 && bytes + needed > MAX_JOB_BYTES) {
      jobs.push({ run: work.run, lanes });
      lanes = [];
      bytes = 0;
    }
    lanes.push(lane);
    bytes += needed;
  }
  jobs.push({ run: work.run, lanes });
  return jobs;
}
