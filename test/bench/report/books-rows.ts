import type { BooksResult } from '../allocation-server/books-program.ts';
import { spread } from '../statistics.ts';
import { short, withSpread } from './format.ts';
import { EMPTY_ROW } from './row.ts';
import type { Row } from './row.ts';
import { judge } from './target.ts';

/** What the allocation server's books cost, without connections. */
export function booksRows({ sizes, bytesABuffer, bytesLeft, snapshot }: BooksResult): Row[] {
  const [smallest] = sizes;
  const largest = sizes.at(-1);
  if (smallest === undefined || largest === undefined) return [];
  const more = spread(largest.nanoseconds.map((value, round) => value - (smallest.nanoseconds[round] ?? NaN)));
  const speed = sizes.map(({ live, nanoseconds }): Row => ({
    ...EMPTY_ROW,
    what: `books, ${live} live buffers: ns of CPU a message`,
    ours: withSpread(spread(nanoseconds)),
    target:
      live === largest.live
        ? `${short(more.median)} more than with ${smallest.live}; ${judge(more.median, { is: 'at most', limit: 1000 })}`
        : '',
  }));
  return [
    ...speed,
    {
      ...EMPTY_ROW,
      what: `books, ${largest.live} live buffers: bytes of resident memory each; once they are freed`,
      ours: `${short(bytesABuffer)}; ${short(bytesLeft)}`,
      target: judge(bytesABuffer, { is: 'at most', limit: 160 }),
    },
    {
      ...EMPTY_ROW,
      what: `books, a snapshot of 2048 pairs of process and device: ms to copy it, and of each of ${snapshot.steps} steps`,
      ours: `${short(snapshot.copyMs)}, ${short(snapshot.stepMs)}`,
      target: judge(Math.max(snapshot.copyMs, snapshot.stepMs), { is: 'at most', limit: 0.5 }),
    },
  ];
}
