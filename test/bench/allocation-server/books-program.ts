/**
 * What the allocation server's books cost, without connections. Prints BooksResult as JSON.
 *
 *     node books-program.ts ROUNDS
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { endWithParent } from '../end-with-parent.ts';
import { median } from '../statistics.ts';
import { BooksLoad } from './books-load.ts';

export interface BooksResult {
  readonly sizes: readonly BooksOfSize[];
  /** At the largest size: resident memory for each live buffer, and for each one that was, after all are freed. */
  readonly bytesABuffer: number;
  readonly bytesLeft: number;
  /** With 2048 pairs of process and device: the numbers' copy, and a step of writing; of all, the medians. */
  readonly snapshot: { readonly copyMs: number; readonly stepMs: number; readonly steps: number };
}

export interface BooksOfSize {
  readonly live: number;
  /** CPU time of a message, one figure a round. */
  readonly nanoseconds: number[];
}

const SIZES = [1000, 100_000, 1_000_000] as const;
const MESSAGES_A_ROUND = 200_000;
const WARM_UP = 2;
const SNAPSHOTS = 20;
endWithParent();
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function residentBytes(): Promise<number> {
  collectGarbage();
  // Freed arrays go back in a thread of their own.
  await setTimeout(300);
  return process.memoryUsage.rss();
}

async function memory(): Promise<Pick<BooksResult, 'bytesABuffer' | 'bytesLeft'>> {
  const warm = new BooksLoad(SIZES[1]);
  warm.fill();
  warm.empty();
  const live = SIZES[2];
  const load = new BooksLoad(live);
  const before = await residentBytes();
  load.fill();
  const bytesABuffer = ((await residentBytes()) - before) / live;
  load.empty();
  return { bytesABuffer, bytesLeft: ((await residentBytes()) - before) / live };
}

async function speed(rounds: number): Promise<{ sizes: BooksOfSize[]; last: BooksLoad | undefined }> {
  const subjects = SIZES.map((live) => ({ load: new BooksLoad(live), result: { live, nanoseconds: [] as number[] } }));
  for (const { load } of subjects) load.fill();
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const { load, result } of subjects) {
      await setImmediate();
      const start = process.cpuUsage();
      load.churn(MESSAGES_A_ROUND);
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) result.nanoseconds.push(((user + system) * 1000) / MESSAGES_A_ROUND);
    }
  }
  return { sizes: subjects.map(({ result }) => result), last: subjects.at(-1)?.load };
}

function snapshot({ books }: BooksLoad): BooksResult['snapshot'] {
  const [copies, steps]: [number[], number[]] = [[], []];
  for (let taken = 0; taken < SNAPSHOTS; taken++) {
    const start = performance.now();
    const job = books.beginSnapshot({ version: '', startSeconds: 0, connections: 0 });
    copies.push(performance.now() - start);
    for (let done = false; !done;) {
      const before = performance.now();
      done = job.step();
      steps.push(performance.now() - before);
    }
  }
  return { copyMs: median(copies), stepMs: median(steps), steps: steps.length / SNAPSHOTS };
}

const memoryResult = await memory();
const { sizes, last } = await speed(Number(process.argv[2]));
if (last === undefined) throw new Error('nothing was measured');
const result: BooksResult = { sizes, ...memoryResult, snapshot: snapshot(last) };
console.log(JSON.stringify(result));
process.exit();
