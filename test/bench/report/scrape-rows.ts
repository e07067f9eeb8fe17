import type { Measured } from '../rounds.ts';
import { quantile, ratios, spread } from '../statistics.ts';
import { short, withSpread } from './format.ts';
import { EMPTY_ROW } from './row.ts';
import type { Row } from './row.ts';
import { judge, judgements } from './target.ts';
import type { Target } from './target.ts';

/** The same scrapes of all exporters that were there. */
export interface Compared {
  readonly ours: Measured;
  readonly promClient: Measured;
  readonly go: Measured | undefined;
  /** Ours, where every number has changed since the scrape before. */
  readonly changing?: Measured | undefined;
}

export interface ComparisonTargets {
  readonly ofGo?: readonly Target[];
  readonly timesFaster?: readonly Target[];
}

/** What came out anew in each round. */
type RoundsOf = (measured: Measured) => readonly number[];

const time: RoundsOf = ({ roundMs }) => roundMs;
const cpu: RoundsOf = ({ roundCpuMs }) => roundCpuMs;

/** A row about something that came out anew in each round. */
export function comparisonRow(
  what: string,
  { ours, promClient, go }: Compared,
  rounds: RoundsOf,
  targets: ComparisonTargets = {},
): Row {
  const ofGo = go === undefined ? undefined : ratios(rounds(ours), rounds(go));
  const timesFaster = ratios(rounds(promClient), rounds(ours));
  return {
    what,
    ours: withSpread(spread(rounds(ours))),
    go: go === undefined ? '' : withSpread(spread(rounds(go))),
    promClient: withSpread(spread(rounds(promClient))),
    ofGo: ofGo === undefined ? '' : withSpread(ofGo),
    timesFaster: withSpread(timesFaster),
    target: judgements(
      ...(targets.ofGo ?? []).map((target) => judge(ofGo?.median, { of: ' of Go', ...target })),
      ...(targets.timesFaster ?? []).map((target) => judge(timesFaster.median, { of: '×', ...target })),
    ),
  };
}

/** A row about something that was measured once for each. */
export function figureRow(
  what: string,
  { ours, promClient, go }: Compared,
  figure: (measured: Measured) => number,
  target?: Target,
): Row {
  return {
    ...EMPTY_ROW,
    what,
    ours: short(figure(ours)),
    go: go === undefined ? '' : short(figure(go)),
    promClient: short(figure(promClient)),
    target: target === undefined ? '' : judge(figure(ours), target),
  };
}

/** What a whole scrape of the Galaxy costs. */
export function galaxyRows(compared: Compared): Row[] {
  const perSeries = (rounds: RoundsOf) => (measured: Measured) =>
    rounds(measured).map((milliseconds) => (1000 * milliseconds) / measured.series);
  const { scrapes } = compared.ours;
  return [
    comparisonRow('time of a scrape, p50, ms', compared, time, {
      ofGo: [atMost(0.25), atMost(0.15)],
      timesFaster: [atLeast(8), atLeast(12)],
    }),
    figureRow('time of a scrape, p95, ms', compared, ({ milliseconds }) => quantile(milliseconds, 0.95)),
    comparisonRow('CPU of a scrape, ms', compared, cpu, { ofGo: [atMost(0.12)] }),
    comparisonRow('time of a series, µs', compared, perSeries(time)),
    comparisonRow('CPU of a series, µs', compared, perSeries(cpu)),
    ...changingRows(compared),
    figureRow(`memory (RSS) after ${scrapes} scrapes, MiB`, compared, ({ residentMiB }) => residentMiB, atMost(180)),
    figureRow('series', compared, ({ series }) => series),
    figureRow('page, bytes', compared, ({ pageBytes }) => pageBytes),
    figureRow('page, bytes a series', compared, ({ pageBytes, series }) => pageBytes / series),
    figureRow('sent, bytes', compared, ({ sentBytes }) => sentBytes),
    figureRow('read() calls of a scrape', compared, ({ readsAScrape }) => readsAScrape),
  ];
}

/** Most memory of most hosts is the same in the next scrape; this is the other end. */
function changingRows({ changing, promClient, go }: Compared): Row[] {
  if (changing === undefined) return [];
  const compared = { ours: changing, promClient, go };
  return [
    comparisonRow('every process has allocated since: time of a scrape, p50, ms', compared, time, {
      ofGo: [atMost(0.25)],
      timesFaster: [atLeast(8)],
    }),
    comparisonRow('every process has allocated since: CPU of a scrape, ms', compared, cpu),
  ];
}

/** What a whole scrape of one n150 costs. */
export function n150Rows(compared: Compared): Row[] {
  return [
    comparisonRow('one n150: time of a scrape, p50, ms', compared, time, { ofGo: [atMost(0.5)] }),
    comparisonRow('one n150: CPU of a scrape, ms', compared, cpu),
    figureRow('one n150: series', compared, ({ series }) => series),
  ];
}

function atMost(limit: number): Target {
  return { is: 'at most', limit };
}

function atLeast(limit: number): Target {
  return { is: 'at least', limit };
}
