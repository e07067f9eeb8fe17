import type { CrowdResult } from '../crowd-program.ts';
import type { EncodeResult } from '../encode/encode-program.ts';
import type { ScaleResult } from '../encode/scale-program.ts';
import type { FirstAnswers } from '../first-answer.ts';
import type { GarbageResult } from '../garbage-program.ts';
import type { LoopDelay } from '../loop-delay.ts';
import { ratios, spread } from '../statistics.ts';
import { short, withSpread } from './format.ts';
import { EMPTY_ROW } from './row.ts';
import type { Row } from './row.ts';
import { judge } from './target.ts';

/** Of a page as it mostly is, and of one with nothing of the page before. */
export function encodeRows({ series, oursMs, changedMs, promClientMs }: EncodeResult): Row[] {
  return [
    encodeRow(`encoding alone, ${series} series, ms`, oursMs, promClientMs),
    encodeRow('encoding alone, every number changed, ms', changedMs, promClientMs),
  ];
}

function encodeRow(what: string, oursMs: readonly number[], promClientMs: readonly number[]): Row {
  const timesFaster = ratios(promClientMs, oursMs);
  return {
    ...EMPTY_ROW,
    what,
    ours: withSpread(spread(oursMs)),
    promClient: withSpread(spread(promClientMs)),
    timesFaster: withSpread(timesFaster),
    target: judge(timesFaster.median, { is: 'at least', limit: 35, of: '×' }),
  };
}

/** How the cost of a series grows with the page. */
export function scaleRows({ small, large }: ScaleResult): Row[] {
  const growth = ratios(large.microsecondsASeries, small.microsecondsASeries);
  const row = (series: number, microseconds: readonly number[], target: string): Row => ({
    ...EMPTY_ROW,
    what: `encoding and gzip, ${series} series: µs a series`,
    ours: withSpread(spread(microseconds)),
    target,
  });
  const times = `${short(growth.median)} times that`;
  return [
    row(small.series, small.microsecondsASeries, ''),
    row(large.series, large.microsecondsASeries, `${times}; ${judge(growth.median, { is: 'at most', limit: 1.2 })}`),
  ];
}

/** How the cost of a scrape grows with processes of the host that have nothing to do with the chips. */
export function crowdRow({ aloneMs, crowdedMs }: CrowdResult): Row {
  const growth = ratios(crowdedMs, aloneMs);
  return {
    ...EMPTY_ROW,
    what: 'collection, 64 processes of a chip among 2,000, ms',
    ours: withSpread(spread(crowdedMs)),
    target: `${withSpread(growth)} times the 64 alone; ${judge(growth.median, { is: 'at most', limit: 2 })}`,
  };
}

export function garbageRow({ kibibytes }: GarbageResult): Row {
  return {
    ...EMPTY_ROW,
    what: 'allocated on the heap for a scrape, KiB',
    ours: short(kibibytes),
    target: judge(kibibytes, { is: 'at most', limit: 2048 }),
  };
}

export function firstAnswerRow({ milliseconds, what }: FirstAnswers): Row {
  const figure = spread(milliseconds);
  return {
    ...EMPTY_ROW,
    what: `start to the end of the first page, ms (${what})`,
    ours: withSpread(figure),
    target: judge(figure.median, { is: 'at most', limit: 500 }),
  };
}

export function loopDelayRow({ http, reader }: LoopDelay): Row {
  return {
    ...EMPTY_ROW,
    what: 'event loop delay, p99, ms: HTTP process, reader',
    ours: `${short(http)}, ${short(reader)}`,
    target: judge(Math.max(http, reader), { is: 'at most', limit: 8 }),
  };
}
