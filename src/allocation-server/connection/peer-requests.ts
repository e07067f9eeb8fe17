import type { Socket } from 'node:net';
import { MESSAGE } from '../../protocol/messages.ts';
import { AnswerQueue } from '../answers/answer-queue.ts';
import type { Snapshots } from '../answers/snapshots.ts';
import { deviceInfoAnswer, totalsAnswer } from '../answers/stock-answers.ts';
import type { Books } from '../books/types.ts';
import type { Dumps } from '../output/dumps.ts';
import type { Asker, RequestDesk } from './request-desk.ts';
import type { Request } from './requests.ts';

/** Answers that may wait for a peer to read them before no more are made. */
const MAX_WAITING_BYTES = 256 * 1024;
/** Requests of a peer that also reports, whose reading cannot be stopped: beyond them its answers are given up. */
const MAX_REQUESTS = 4096;

export interface AskerOptions {
  readonly books: Books;
  readonly snapshots: Snapshots;
  readonly dumps: Dumps;
  readonly desk: RequestDesk;
  /** The server's start, ns since the Unix epoch. */
  readonly startedAt: bigint;
}

/** What one peer asks, and its answers, in order. */
export class PeerRequests implements Asker {
  readonly #options: AskerOptions;
  readonly #answers: AnswerQueue;
  readonly #onServed: () => void;
  #requests: Request[] = [];
  #next = 0;
  #queued = false;
  #inSnapshot = false;
  #ending = false;

  /** `onServed`: nothing is left to be answered. */
  constructor(socket: Socket, options: AskerOptions, onServed: () => void) {
    this.#options = options;
    this.#onServed = onServed;
    this.#answers = new AnswerQueue(socket, () => {
      this.#proceed();
    });
  }

  /** Nothing is asked that is not answered, or never will be. */
  get served(): boolean {
    return this.givenUp || (this.#next >= this.#requests.length && !this.#inSnapshot && this.#answers.idle);
  }

  get givenUp(): boolean {
    return this.#answers.givenUp;
  }

  add(request: Request): void {
    if (this.#answers.givenUp) return;
    this.#requests.push(request);
    if (this.#requests.length - this.#next > MAX_REQUESTS) this.#answers.giveUp();
    this.#enqueue();
  }

  /** The peer asks nothing more: the sending side is shut behind the last answer. */
  end(): void {
    this.#ending = true;
    this.#endIfServed();
  }

  close(): void {
    this.#requests = [];
    this.#next = 0;
    this.#answers.close();
  }

  serve(until: number): boolean {
    this.#queued = false;
    while (this.#canServe() && performance.now() < until) {
      const request = this.#requests[this.#next++];
      if (request !== undefined) this.#answer(request);
    }
    if (this.#canServe()) {
      this.#queued = true;
      return true;
    }
    if (this.#next >= this.#requests.length) this.#clear();
    return false;
  }

  #canServe(): boolean {
    const waits = this.#answers.bytes > MAX_WAITING_BYTES || this.#inSnapshot;
    return this.#next < this.#requests.length && !waits && !this.#answers.givenUp;
  }

  #enqueue(): void {
    if (this.#queued || !this.#canServe()) return;
    this.#queued = true;
    this.#options.desk.enqueue(this);
  }

  #clear(): void {
    this.#requests = [];
    this.#next = 0;
    if (this.served) this.#onServed();
    this.#endIfServed();
  }

  /** Answers have been handed over, or given up. */
  #proceed(): void {
    if (this.#answers.givenUp || this.#next >= this.#requests.length) this.#clear();
    else this.#enqueue();
  }

  #endIfServed(): void {
    if (this.#ending && this.#next >= this.#requests.length && !this.#inSnapshot) this.#answers.end();
  }

  #answer({ type, deviceId, dialect }: Request): void {
    const { books, dumps, startedAt } = this.#options;
    books.countMessage(type);
    if (type === MESSAGE.QUERY) this.#answers.push(totalsAnswer(books, dialect, deviceId));
    else if (type === MESSAGE.SNAPSHOT_QUERY) void this.#answerSnapshot();
    else if (type === MESSAGE.DUMP_REMAINING) dumps.remaining();
    else if (type === MESSAGE.DUMP_KERNELS) dumps.kernels();
    else if (dialect !== 'A') this.#answers.push(deviceInfoAnswer(books, dialect, deviceId, startedAt));
  }

  async #answerSnapshot(): Promise<void> {
    this.#inSnapshot = true;
    const answer = await this.#options.snapshots.get();
    this.#inSnapshot = false;
    this.#answers.push(...answer);
    this.#proceed();
  }
}
