import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { SERIES_FAMILY } from '../../../src/metrics/catalogue/exporter.ts';
import type { Family, SampleSink } from '../../../src/metrics/family.ts';
import { BUILD_INFO, SCRAPES } from '../../../src/metrics/prom-client/own-families.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import type { WriteSeries } from './remote-write.ts';

interface GrowingSeries extends WriteSeries {
  readonly times: number[];
  readonly values: number[];
  seenAt: number;
  readonly kept: boolean;
}

/** What of the pages is kept. */
export interface Wanted {
  readonly families: ReadonlySet<string>;
  /** Whether a series is; all of these families by default. */
  readonly keeps?: (name: string, labels: Readonly<Record<string, string>>) => boolean;
}

/** Families that Prometheus makes itself, at each scrape. */
const SCRAPE_FAMILIES = ['up', 'scrape_duration_seconds', 'scrape_timeout_seconds'] as const;

/** Which of them can be drawn: the catalogue's, the exporter's own, and those of a scrape. */
export function familyNames(): string[] {
  const own = [SERIES_FAMILY.name, BUILD_INFO.name, SCRAPES.name];
  return [...FAMILIES.map(({ name }) => name), ...own, ...SCRAPE_FAMILIES];
}

/** What a Prometheus has of one target: draws pages with the exporter's own catalogue, and marks series that end. */
export class ScrapedHost {
  readonly #families: readonly { readonly family: Family; readonly series: FamilySeries }[];
  readonly #own: ReadonlyMap<string, FamilySeries>;
  readonly #all: readonly FamilySeries[];
  #scrapes = 0;

  /** `target`: the labels that a scrape configuration gives. */
  constructor(target: Readonly<Record<string, string>>, { families: wanted, keeps }: Wanted) {
    this.#families = FAMILIES.filter(({ name }) => wanted.has(name)).map((family) => ({
      family,
      series: new FamilySeries(family.name, family.labels, target, keeps),
    }));
    const own = [{ ...SERIES_FAMILY }, BUILD_INFO, SCRAPES, ...SCRAPE_FAMILIES.map((name) => ({ name, labels: [] }))];
    this.#own = new Map(
      own
        .filter(({ name }) => wanted.has(name))
        .map(({ name, labels }) => [name, new FamilySeries(name, labels, target, keeps)]),
    );
    this.#all = [...this.#families.map(({ series }) => series), ...this.#own.values()];
  }

  /** A scrape; undefined: no answer. Time in ms since the epoch. */
  scrape(snapshot: Snapshot | undefined, time: number): void {
    for (const series of this.#all) series.time = time;
    if (snapshot === undefined) this.#scrapes = 0;
    else this.#page(snapshot);
    this.#own.get('up')?.sample(snapshot === undefined ? 0 : 1);
    this.#own.get('scrape_duration_seconds')?.sample(snapshot === undefined ? 10 : 0.04);
    this.#own.get('scrape_timeout_seconds')?.sample(10);
    for (const series of this.#all) series.endMissing();
  }

  /** The samples since the last time, in order in each series. */
  take(): WriteSeries[] {
    return this.#all.flatMap((series) => series.take());
  }

  #page(snapshot: Snapshot): void {
    for (const { family, series } of this.#families) family.draw(snapshot, series);
    this.#own.get(BUILD_INFO.name)?.sample(1, '0.1.0', '', 'v24.0.0');
    this.#own.get(SCRAPES.name)?.sample(++this.#scrapes);
    this.#own.get(SERIES_FAMILY.name)?.sample(this.#all.reduce((sum, series) => sum + series.live, 0));
  }
}

/** The series of one family of a target. */
class FamilySeries implements SampleSink {
  /** Of the scrape that is under way. */
  time = 0;
  readonly #name: string;
  readonly #labels: readonly string[];
  readonly #target: Readonly<Record<string, string>>;
  readonly #keeps: Wanted['keeps'];
  readonly #live = new Map<string, GrowingSeries>();
  #ended: GrowingSeries[] = [];

  constructor(
    name: string,
    labels: readonly string[],
    target: Readonly<Record<string, string>>,
    keeps: Wanted['keeps'],
  ) {
    this.#keeps = keeps;
    this.#name = name;
    this.#labels = labels;
    this.#target = target;
  }

  get live(): number {
    return this.#live.size;
  }

  sample(value: number, a = '', b = '', c = '', d = ''): void {
    const key = `${a}\0${b}\0${c}\0${d}`;
    this.#append(this.#live.get(key) ?? this.#begin(key, [a, b, c, d]), value);
  }

  wide(value: number, labelValues: readonly string[]): void {
    const key = labelValues.join('\0');
    this.#append(this.#live.get(key) ?? this.#begin(key, labelValues), value);
  }

  /** Marks the series that the scrape did not have. */
  endMissing(): void {
    for (const [key, series] of this.#live) {
      if (series.seenAt === this.time) continue;
      this.#append(series, Number.NaN);
      if (series.kept) this.#ended.push(series);
      this.#live.delete(key);
    }
  }

  take(): WriteSeries[] {
    const taken: WriteSeries[] = this.#ended;
    this.#ended = [];
    for (const { labels, times, values } of this.#live.values()) {
      if (times.length > 0) taken.push({ labels, times: times.splice(0), values: values.splice(0) });
    }
    return taken;
  }

  #append(series: GrowingSeries, value: number): void {
    series.seenAt = this.time;
    if (!series.kept) return;
    series.times.push(this.time);
    series.values.push(value);
  }

  /** Empty labels are not kept, as in Prometheus. */
  #begin(key: string, labelValues: readonly string[]): GrowingSeries {
    const own = this.#labels.map((label, index) => [label, labelValues[index] ?? ''] as const);
    const labels = [['__name__', this.#name] as const, ...own, ...Object.entries(this.#target)]
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const kept = this.#keeps?.(this.#name, Object.fromEntries(labels)) ?? true;
    const series: GrowingSeries = { labels, times: [], values: [], seenAt: this.time, kept };
    this.#live.set(key, series);
    return series;
  }
}
