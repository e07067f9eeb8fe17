import type { ServerResult } from '../allocation-server/server-program.ts';
import { spread } from '../statistics.ts';
import { short, withSpread } from './format.ts';
import { EMPTY_ROW } from './row.ts';
import type { Row } from './row.ts';
import { judge, judgements } from './target.ts';

/** What the whole allocation server costs, with 64 connections and a snapshot every second. */
export function serverRows({ sizes, bytesABuffer }: ServerResult): Row[] {
  const [smallest] = sizes;
  const largest = sizes.at(-1);
  if (smallest === undefined || largest === undefined) return [];
  const cost = spread(smallest.nanoseconds);
  const more = spread(largest.nanoseconds).median - cost.median;
  const perCore = 1e9 / cost.median;
  const slowest = Math.max(...sizes.flatMap(({ p999us }) => p999us));
  return [
    {
      ...EMPTY_ROW,
      what: `allocation server, ${smallest.live} live buffers: ns of CPU a message, system calls included`,
      ours: withSpread(cost),
      target: judge(perCore, { is: 'at least', limit: 200_000, of: ` a second of one core (${Math.round(perCore)})` }),
    },
    {
      ...EMPTY_ROW,
      what: `allocation server, ${largest.live} live buffers: the same`,
      ours: withSpread(spread(largest.nanoseconds)),
      target: judgements(`${short(more)} more`, judge(more, { is: 'at most', limit: 1000 })),
    },
    {
      ...EMPTY_ROW,
      what: 'allocation server: bytes of resident memory a live buffer',
      ours: short(bytesABuffer),
      target: judge(bytesABuffer, { is: 'at most', limit: 160 }),
    },
    {
      ...EMPTY_ROW,
      what: 'allocation server: µs of a blocking send, p99.9, the worst round',
      ours: short(slowest),
      target: judge(slowest, { is: 'at most', limit: 1000 }),
    },
    {
      ...EMPTY_ROW,
      what: 'allocation server: messages a second with the sender beside it',
      ours: withSpread(spread(smallest.perSecond)),
    },
  ];
}
