import type { Verdict } from './judge.ts';
import { slope } from './resources.ts';
import type { Resources } from './resources.ts';
import type { ScrapedPage } from './scraper.ts';

export interface SoakResult {
  readonly pages: number;
  /** Scrapes that were not begun, or refused, because too many were under way. */
  readonly skipped: number;
  readonly byFormat: Readonly<Record<string, number>>;
  /** Numbers that were compared with the books, and those that a collector had said to be missing. */
  readonly compared: number;
  readonly excused: number;
  readonly promtool: number;
  readonly hostileVisits: number;
  readonly readersKilled: number;
  readonly milliseconds: { readonly p50: number; readonly p99: number; readonly most: number };
  readonly events: Readonly<Record<string, number>>;
  /** Everything that was wrong, the first of each kind. */
  readonly wrong: readonly string[];
  readonly wrongCount: number;
  readonly samples: readonly Resources[];
  readonly heap: readonly (readonly [seconds: number, bytes: number])[];
}

/** After so many it makes no sense to go on. */
const HOPELESS = 200;
const KEPT = 40;
const MIB = 2 ** 20;

export class Tally {
  pages = 0;
  skipped = 0;
  hostileVisits = 0;
  readersKilled = 0;
  #compared = 0;
  #excused = 0;
  #promtool = 0;
  #wrongCount = 0;
  readonly #log: (line: string) => void;
  readonly #wrong: string[] = [];
  readonly #byFormat = new Map<string, number>();
  readonly #milliseconds: number[] = [];
  readonly #samples: Resources[] = [];
  readonly #heap: (readonly [number, number])[] = [];

  /** `log`: told of what is wrong as soon as it is. */
  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  get hopeless(): boolean {
    return this.#wrongCount >= HOPELESS;
  }

  wrong(what: string): void {
    this.#wrongCount++;
    if (this.#wrong.length >= KEPT) return;
    this.#wrong.push(what);
    this.#log(`${new Date().toISOString()} wrong: ${what}`);
  }

  failed(why: string): void {
    this.wrong(`no page: ${why}`);
  }

  judged(page: ScrapedPage, { wrong, compared, excused }: Verdict): void {
    this.pages++;
    this.#byFormat.set(page.format, (this.#byFormat.get(page.format) ?? 0) + 1);
    this.#compared += compared;
    this.#excused += excused;
    this.#milliseconds.push(page.ms);
    for (const what of wrong) this.wrong(`page ${this.pages}: ${what}`);
  }

  checked(complaint: string | undefined): void {
    this.#promtool++;
    if (complaint !== undefined) this.wrong(`promtool: ${complaint.slice(0, 1000)}`);
  }

  sampled(resources: Resources, heapBytes: number | undefined): void {
    this.#samples.push(resources);
    if (heapBytes !== undefined) this.#heap.push([resources.atSeconds, heapBytes]);
  }

  line(): string {
    const now = this.#samples.at(-1);
    const memory = now === undefined ? '' : resourcesText(now);
    return `${minutes(now?.atSeconds ?? 0)} min: ${this.pages} pages, ${this.#compared} numbers, ${this.#excused} excused, ${this.#wrongCount} wrong; ${memory}; p99 ${quantile(this.#milliseconds.slice(-600), 0.99).toFixed(0)} ms`;
  }

  result(events: ReadonlyMap<string, number>): SoakResult {
    const ms = this.#milliseconds;
    return {
      pages: this.pages,
      skipped: this.skipped,
      byFormat: Object.fromEntries(this.#byFormat),
      compared: this.#compared,
      excused: this.#excused,
      promtool: this.#promtool,
      hostileVisits: this.hostileVisits,
      readersKilled: this.readersKilled,
      milliseconds: { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99), most: quantile(ms, 1) },
      events: Object.fromEntries(events),
      wrong: this.#wrong,
      wrongCount: this.#wrongCount,
      samples: this.#samples,
      heap: this.#heap,
    };
  }
}

/** What an hour adds, by the second half of the run. */
export interface Growth {
  readonly residentMiB: number;
  readonly heapMiB: number;
  readonly descriptors: number;
  readonly threads: number;
}

export function growth({ samples, heap }: SoakResult): Growth {
  const half = (samples.at(-1)?.atSeconds ?? 0) / 2;
  const late = samples.filter(({ atSeconds }) => atSeconds >= half);
  const hourly = (points: (readonly [number, number])[]): number => slope(points) * 3600;
  return {
    residentMiB: hourly(late.map(({ atSeconds, residentBytes }) => [atSeconds, residentBytes / MIB])),
    heapMiB: hourly(heap.filter(([at]) => at >= half).map(([at, bytes]) => [at, bytes / MIB])),
    descriptors: hourly(late.map(({ atSeconds, descriptors }) => [atSeconds, descriptors])),
    threads: hourly(late.map(({ atSeconds, threads }) => [atSeconds, threads])),
  };
}

/** What is compared, by how much the last quarter may be above the second one, and where in the order of a quarter's samples. */
const FLAT = [
  { name: 'residentBytes', most: 16 * MIB, share: 0.5 },
  // The quiet moments: each scrape that waits, and each thread that stands in for a stuck one, has some.
  { name: 'descriptors', most: 2, share: 0.1 },
  { name: 'threads', most: 2, share: 0.1 },
  { name: 'processes', most: 0, share: 0.5 },
] as const;

/** What has grown from the second quarter of a run to its last; nothing where all is flat. */
export function grown({ samples }: SoakResult): string[] {
  const quarter = (index: number): readonly Resources[] =>
    samples.slice(Math.floor((index * samples.length) / 4), Math.floor(((index + 1) * samples.length) / 4));
  return FLAT.flatMap(({ name, most, share }) => {
    const level = (index: number): number =>
      quantile(
        quarter(index).map((sample) => sample[name]),
        share,
      );
    return level(3) <= level(1) + most ? [] : [`${name} has grown from ${level(1)} to ${level(3)}`];
  });
}

export function resourcesText({ processes, exporterBytes, readerBytes, descriptors, threads }: Resources): string {
  const [exporter, reader] = [exporterBytes, readerBytes].map((bytes) => (bytes / MIB).toFixed(0));
  return `${processes} processes of ${exporter} and ${reader} MiB, ${descriptors} descriptors, ${threads} threads`;
}

function minutes(seconds: number): string {
  return (seconds / 60).toFixed(1);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
