import type { FileResult, Lane, LaneReader } from '../../io/lanes.ts';
import type { ReadError } from '../source.ts';
import { architectureOf } from './card-plan.ts';
import { CardEnumerator } from './enumerate.ts';
import type { CardLocation } from './enumerate.ts';
import { flitLane } from './flit-files.ts';
import { FlitMeter, flitsPerSecondLimit } from './flit-meter.ts';
import { decodeFlits } from './flit-sample.ts';
import type { FlitCounter } from './types.ts';

/** At the highest rate of PCIe a counter wraps in 2.1 s. */
const INTERVAL_MS = 1000;
/** A blocked card must not make the samples of the others late. */
const TIMEOUT_MS = 500;
/** Kept for a scrape that may never come. */
const MOST_ERRORS = 1000;

export interface FlitSamplerOptions {
  /** Where sysfs is. */
  readonly path: string;
  /** Others may share it: who made it closes it. */
  readonly lanes: LaneReader;
  /** Milliseconds that only go forward; performance.now() by default. */
  readonly now?: () => number;
}

/** What has been counted by now. */
export interface FlitReading {
  /** Of a card; empty where it is not the card that was counted, or cannot be counted now. */
  of(location: CardLocation): readonly FlitCounter[];
  /** Since the reading before. An interval that was left out has the reason `sample_gap`. */
  readonly errors: readonly ReadError[];
}

interface WatchedCard {
  readonly location: CardLocation;
  readonly lane: Lane;
  readonly meter: FlitMeter;
}

/**
 * Reads the 32-bit counters of all cards often enough to see every wrap, from its creation until close(). A card is
 * counted from 0 when it is first seen; one that leaves, or comes back as another, is forgotten.
 */
export class FlitSampler {
  readonly #enumerator: CardEnumerator;
  readonly #lanes: LaneReader;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #cards = new Map<string, WatchedCard>();
  #errors: ReadError[] = [];
  #timeout: AbortController | undefined;
  #current: Promise<void> | undefined;

  constructor(options: FlitSamplerOptions) {
    this.#enumerator = new CardEnumerator(options.path);
    this.#lanes = options.lanes;
    this.#now = options.now ?? (() => performance.now());
    this.#timer = setInterval(() => {
      void this.sample();
    }, INTERVAL_MS);
    this.#timer.unref();
    void this.sample();
  }

  /** Takes a sample, or waits for the one that is being taken. Never rejects. */
  sample(): Promise<void> {
    this.#current ??= this.#sample().finally(() => {
      this.#current = undefined;
    });
    return this.#current;
  }

  take(): FlitReading {
    const errors = this.#errors;
    this.#errors = [];
    const counted = new Map<string, readonly FlitCounter[]>();
    for (const { location, meter } of this.#cards.values()) counted.set(idOf(location), meter.counters());
    return { of: (location) => counted.get(idOf(location)) ?? [], errors };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timeout?.abort();
    await this.#current;
    this.#enumerator.close();
  }

  async #sample(): Promise<void> {
    const found = this.#enumerator.enumerate();
    // That the bus cannot be listed is for the scrape to say. The cards may all be there.
    if (found.ok) this.#watch(found.cards);
    const cards = [...this.#cards.values()];
    if (cards.length === 0) return;
    const startedAt = this.#now();
    const results = await this.#read(cards.map(({ lane }) => lane));
    const endedAt = this.#now();
    for (const card of cards) this.#count(card, results.get(card.lane.key), startedAt, endedAt);
  }

  #watch(locations: readonly CardLocation[]): void {
    const cards = new Map<string, WatchedCard>();
    for (const location of locations) {
      const card = this.#cards.get(idOf(location)) ?? watchedCard(location);
      if (card !== undefined) cards.set(idOf(location), card);
    }
    this.#cards = cards;
  }

  /** What is there after TIMEOUT_MS at the latest. */
  async #read(lanes: readonly Lane[]): Promise<ReadonlyMap<string, readonly FileResult[]>> {
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
    }, TIMEOUT_MS);
    timer.unref();
    this.#timeout = timeout;
    const run = this.#lanes.read(lanes, timeout.signal);
    await run.done;
    clearTimeout(timer);
    return run.results();
  }

  #count(card: WatchedCard, results: readonly FileResult[] | undefined, startedAt: number, endedAt: number): void {
    const { location, meter } = card;
    if (results === undefined) {
      this.#leftOut(location, meter.miss(endedAt));
      return;
    }
    const { sample, lost, errors } = decodeFlits(location.pciAddress, results);
    for (const error of errors) this.#report(error);
    const why = sample === undefined ? meter.lose(lost ?? '') : meter.add({ ...sample, startedAt, endedAt });
    this.#leftOut(location, why);
  }

  #leftOut({ pciAddress }: CardLocation, why: string | undefined): void {
    if (why === undefined || this.#errors.length >= MOST_ERRORS) return;
    const message = `card ${pciAddress}: traffic between two samples of its PCIe counters is left out, because ${why}`;
    this.#errors.push({ reason: 'sample_gap', message });
  }

  /** Once until it is taken: what cannot be read now most likely could not be read a second ago. */
  #report(error: ReadError): void {
    if (this.#errors.length >= MOST_ERRORS || this.#errors.some(({ message }) => message === error.message)) return;
    this.#errors.push(error);
  }
}

/** undefined for a card without the driver's files. */
function watchedCard(location: CardLocation): WatchedCard | undefined {
  const lane = flitLane(location);
  if (lane === undefined) return undefined;
  return { location, lane, meter: new FlitMeter(flitsPerSecondLimit(architectureOf(location.pciDeviceId))) };
}

/** Another generation at the same address is another card. */
function idOf({ pciAddress, generation }: CardLocation): string {
  return `${pciAddress} ${generation}`;
}
