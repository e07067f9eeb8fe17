import { FLIT_FILES } from './flit-files.ts';
import type { FlitSample } from './flit-sample.ts';
import type { Architecture, FlitCounter } from './types.ts';

const WRAP = 2 ** 32;
const FLIT_BYTES = 32;

/**
 * Flits a second that no counter can exceed: PCIe with 16 lanes moves at most 31.5 GB/s each way in generation 4, which
 * is what a Wormhole has, and 63.0 GB/s in generation 5; each a little more here.
 */
export function flitsPerSecondLimit(arch: Architecture | undefined): number {
  return arch === 'wormhole' ? 1.0e9 : 2.0e9;
}

/**
 * Adds up one card's 32-bit counters. It never adds what it cannot know: an interval in which a counter may have wrapped
 * twice, or in which the chip may have been reset, is left out, so that the totals are never too large.
 *
 * It counts flits: up to 2^53 of them (256 PiB, 52 days at the highest rate) the totals in bytes are exact, being
 * multiples of 32; beyond, each sample rounds them by at most 32 bytes.
 */
export class FlitMeter {
  readonly #limit: number;
  readonly #totals = FLIT_FILES.map(() => 0);
  #previous: FlitSample | undefined;

  /** `limit`: flits a second, of flitsPerSecondLimit(). */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts on from the sample before. Gives why an interval was left out; undefined where none was. */
  add(sample: FlitSample): string | undefined {
    const previous = this.#previous;
    const [before, after] = sample.heartbeats;
    // Of a sample that a reset fell into, nobody knows which counters are from before it.
    if (isSmaller(after, before)) return this.lose(RESET);
    this.#previous = sample;
    if (previous === undefined || !hasCounters(previous)) return undefined;
    const most = this.#mostFlits(previous, sample.endedAt);
    if (most >= WRAP) return LATE;
    if (isSmaller(before, previous.heartbeats[1])) return RESET;
    const added = sample.flits.map((flits, index) => difference(previous.flits[index], flits));
    // A reset sets all counters to 0 at once: one that cannot have moved like this tells of all.
    if (added.some((flits) => flits !== undefined && flits > most)) return RESET;
    added.forEach((flits, index) => {
      this.#totals[index] = (this.#totals[index] ?? 0) + (flits ?? 0);
    });
    const isWhole = previous.flits.every((flits, index) => flits === undefined || added[index] !== undefined);
    return isWhole ? undefined : UNREADABLE;
  }

  /** There was no sample. Gives why an interval is left out as soon as counting on would not be safe any more. */
  miss(now: number): string | undefined {
    if (this.#previous === undefined || this.#mostFlits(this.#previous, now) < WRAP) return undefined;
    return this.lose(LATE);
  }

  /** The chip is not there: whatever comes next is not counted on from what was. Gives `why` where it was counted before. */
  lose(why: string): string | undefined {
    const previous = this.#previous;
    this.#previous = undefined;
    return previous !== undefined && hasCounters(previous) ? why : undefined;
  }

  /** What has been counted, of the counters that are being counted: one that cannot be read now is absent. */
  counters(): FlitCounter[] {
    return FLIT_FILES.flatMap(({ noc, role, operation }, index) =>
      this.#previous?.flits[index] === undefined
        ? []
        : [{ noc, role, operation, bytes: (this.#totals[index] ?? 0) * FLIT_BYTES }],
    );
  }

  /** Flits that a counter can have counted at most: the longest time that can lie between the two readings, at the limit. */
  #mostFlits(previous: FlitSample, now: number): number {
    return ((now - previous.startedAt) / 1000) * this.#limit;
  }
}

const RESET = 'the chip was reset';
const LATE = 'they were not read in time';
const UNREADABLE = 'some could not be read';

function hasCounters({ flits }: FlitSample): boolean {
  return flits.some((count) => count !== undefined);
}

function isSmaller(value: number | undefined, than: number | undefined): boolean {
  return value !== undefined && than !== undefined && value < than;
}

/** How far a counter went, modulo 2^32; undefined where either end is not known. */
function difference(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : (to - from + WRAP) % WRAP;
}
