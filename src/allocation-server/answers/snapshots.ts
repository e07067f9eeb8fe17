import { encodeSnapshotHeader } from '../../protocol/answers.ts';
import type { Books, SnapshotServer, WatchedRegions } from '../books/types.ts';

/** A whole answer to SNAPSHOT_QUERY, in pieces that are shared by all who asked for it. */
export type SnapshotAnswer = readonly Buffer[];

/** What is done at one go; between two goes applications are read. */
const SLICE_MS = 1;
/** From one beginning to the next: however many ask, most of the time is for applications. */
const PAUSE_MS = 50;

/** Makes snapshots, one at a time and in slices: applications are read between them. */
export class Snapshots {
  readonly #books: Books;
  readonly #describe: () => SnapshotServer;
  readonly #watched: () => WatchedRegions | undefined;
  #waiting: ((answer: SnapshotAnswer) => void)[] = [];
  #busy = false;
  #lastBegin = -Infinity;

  constructor(books: Books, describe: () => SnapshotServer, watched: () => WatchedRegions | undefined) {
    this.#books = books;
    this.#describe = describe;
    this.#watched = watched;
  }

  /** Of now or later: all who ask before it is begun get the same one. */
  get(): Promise<SnapshotAnswer> {
    const { promise, resolve } = Promise.withResolvers<SnapshotAnswer>();
    this.#waiting.push(resolve);
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#busy = true;
    const wait = this.#lastBegin + PAUSE_MS - performance.now();
    if (wait <= 0) setImmediate(() => void this.#make());
    else setTimeout(() => void this.#make(), wait);
  }

  async #make(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = [];
    this.#lastBegin = performance.now();
    const takenAt = BigInt(Date.now()) * 1_000_000n;
    const job = this.#books.beginSnapshot(this.#describe(), this.#watched());
    for (let until = performance.now() + SLICE_MS; !job.step();) {
      if (performance.now() < until) continue;
      await new Promise(setImmediate);
      until = performance.now() + SLICE_MS;
    }
    const answer = [encodeSnapshotHeader(job.bytes, takenAt), ...job.chunks];
    for (const resolve of asked) resolve(answer);
    this.#busy = false;
    this.#schedule();
  }
}
