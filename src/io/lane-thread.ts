import { Worker } from 'node:worker_threads';

import { JobProgress } from './job-progress.ts';
import type { Work } from './job-progress.ts';
import { LaneBook } from './lane-book.ts';
import type { LaneJob } from './lane-job.ts';
import { bytesOf, LanePlans } from './lane-plans.ts';
import type { LanePlan } from './lane-plans.ts';
import type { Lane } from './lanes.ts';

/** Memory for one job: a lane that needs more gets a job of its own. */
const MAX_JOB_BYTES = 8 * 1024 * 1024;
/** It reads into memory that is there already, and leaves next to nothing behind. */
const YOUNG_SPACE = { maxYoungGenerationSizeMb: 2 };
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

/** A job that the thread has been given. */
interface Posted {
  readonly progress: JobProgress;
  readonly plan: LanePlan;
}

/** The fast way: a thread that reads lanes synchronously, job after job, and is left alone when it hangs. */
export class LaneThread {
  readonly #options: LaneThreadOptions;
  readonly #book = new LaneBook();
  #worker: Worker | undefined;
  #state: State = 'off';
  #failures = 0;
  #queue: Work[] = [];
  /** In the order in which the thread answers. */
  #posted: Posted[] = [];
  readonly #plans = new LanePlans();
  /** Answers to come of jobs that were taken away from it. */
  #lateAnswers = 0;
  #held: { readonly key: string; readonly since: number } | undefined;

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
    const worker = new Worker(new URL(`./lane-worker${extension}`, import.meta.url), {
      name: 'lane-reader',
      resourceLimits: YOUNG_SPACE,
    });
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
    // Short ones first, of those that come together (so not posted at once): whoever waits for the long one hardly notices.
    this.#queue.sort((one, other) => filesOf(one) - filesOf(other));
    queueMicrotask(() => {
      if (this.ready) this.#post();
    });
  }

  /** Hands over what is whole by now, and takes its jobs away from a thread that stands still. */
  check(): void {
    const progress = this.#posted[0]?.progress;
    if (this.#state !== 'busy' || progress === undefined) return;
    const since = progress.stoodStillSince();
    progress.deliver();
    if (progress.rest.length === 0) return;
    if (since === undefined || performance.now() - since <= this.#options.blockedAfterMs) return;
    const [current] = progress.rest;
    if (progress.begun && current !== undefined) this.#held = { key: current.key, since };
    this.#state = 'stuck';
    for (const { plan } of this.#posted) plan.memory.abandon();
    this.#lateAnswers = this.#posted.length;
    this.#leaveAll();
  }

  /** Hands over what is whole by now. */
  deliver(): void {
    for (const { progress } of this.#posted) progress.deliver();
  }

  /** Ends the thread, which closes its descriptors. Resolves once it has ended, which a blocked one does not. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#failures = MAX_FAILURES;
    this.#queue = [];
    await worker?.terminate();
  }

  /** Gives the thread what is to be done, as far as there is memory for it. */
  #post(): void {
    for (let work = this.#queue.shift(); work !== undefined; work = this.#queue.shift()) {
      if (work.run.over) continue;
      const taken = this.#plans.take(work.lanes);
      if (taken === undefined) {
        this.#queue.unshift(work);
        break;
      }
      const { plan, isNew } = taken;
      this.#posted.push({ progress: new JobProgress(work, plan.memory, plan.decoder), plan });
      this.#worker?.postMessage(this.#jobFor(plan, isNew));
    }
    this.#state = this.#posted.length > 0 ? 'busy' : 'idle';
  }

  #jobFor({ slot, lanes, memory }: LanePlan, isNew: boolean): LaneJob {
    const { define, forget } = this.#book.update(lanes);
    if (!isNew && define.length === 0 && forget.length === 0) return slot;
    const plan = isNew ? { keys: lanes.map(({ key }) => key), memory: memory.buffer } : undefined;
    return { slot, plan, define, forget };
  }

  #cameBack(): void {
    if (this.#lateAnswers > 0) this.#lateAnswers -= 1;
    else this.#finish(this.#posted.shift());
    const held = this.#held;
    this.#held = undefined;
    this.#post();
    if (held !== undefined) this.#options.onReleased(held.key);
  }

  /** Of nothing, where the thread has only started. */
  #finish(job: Posted | undefined): void {
    if (job === undefined) return;
    this.#failures = 0;
    job.progress.deliver();
    this.#plans.release(job.plan);
    this.#posted[0]?.progress.itsTurn();
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.deliver();
    const held = this.#held;
    this.#worker = undefined;
    this.#held = undefined;
    this.#state = 'off';
    this.#failures += 1;
    this.#lateAnswers = 0;
    this.#book.clear();
    this.#leaveAll();
    if (held !== undefined) this.#options.onReleased(held.key);
  }

  #leaveAll(): void {
    const begun = this.#posted.map(({ progress }) => ({ run: progress.work.run, lanes: progress.rest }));
    const left = [...begun, ...this.#queue];
    this.#queue = [];
    this.#posted = [];
    this.#plans.clear();
    for (const work of left) this.#options.onLeft(work);
  }
}

function filesOf({ lanes }: Work): number {
  return lanes.reduce((sum, { files }) => sum + files.length, 0);
}

/** Cuts work into jobs whose texts fit into memory of a bounded size, at the bounds of lanes. */
function cut(work: Work): Work[] {
  const jobs: Work[] = [];
  let lanes: Lane[] = [];
  let bytes = 0;
  for (const lane of work.lanes) {
    const needed = bytesOf([lane]);
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
