import type { FileResult } from '../../io/lanes.ts';
import type { ReadError } from '../source.ts';
import { reasonOfCode } from './errno.ts';
import { FLIT_FILES } from './flit-files.ts';
import { parseU32 } from './parse.ts';
import { isAbsent } from './state.ts';

/** One reading of a card's counters. */
export interface FlitSample {
  /** The files were read between these two moments, milliseconds on one clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of the firmware, before and after the counters were read; undefined where it is not published. */
  readonly heartbeats: readonly [before: number | undefined, after: number | undefined];
  /** In the order of FLIT_FILES; undefined where it is not known. */
  readonly flits: readonly (number | undefined)[];
}

export interface DecodedFlits {
  /** undefined where the chip was not there: `lost` says how that shows. */
  readonly sample: Omit<FlitSample, 'startedAt' | 'endedAt'> | undefined;
  readonly lost: string | undefined;
  /** Files that are there and cannot be read or believed, one a reason. */
  readonly errors: readonly ReadError[];
}

type Word =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'absent' }
  /** Says nothing of the chip. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** The chip is off the bus or being reset. */
  | { readonly kind: 'lost'; readonly why: string };

const ALL_ONES = 0xffffffff;
const LOST_CODES: ReadonlyMap<string, string> = new Map([
  ['ENODATA', 'the chip is being reset'],
  ['ENODEV', 'the driver has let go of the chip'],
]);

/** Makes a sample of what was read of a lane of flitLane(). `card` is how errors name it. */
export function decodeFlits(card: string, results: readonly FileResult[]): DecodedFlits {
  const words = results.map(decodeWord);
  const lost = words.find((word) => word.kind === 'lost');
  if (lost !== undefined) return { sample: undefined, lost: lost.why, errors: [] };
  const flits = FLIT_FILES.map((_, index) => valueOf(words[index + 1]));
  const heartbeats = [valueOf(words[0]), valueOf(words[FLIT_FILES.length + 1])] as const;
  return { sample: { heartbeats, flits }, lost: undefined, errors: errorsOf(card, words.slice(1, -1)) };
}

function decodeWord(result: FileResult): Word {
  if (!result.ok) {
    const why = LOST_CODES.get(result.code);
    if (why !== undefined) return { kind: 'lost', why };
    return isAbsent(result.code) ? { kind: 'absent' } : { kind: 'unreadable', reason: reasonOfCode(result.code) };
  }
  const value = result.truncated ? undefined : parseU32(result.text);
  if (value === undefined) return { kind: 'unreadable', reason: 'malformed' };
  return value === ALL_ONES ? { kind: 'lost', why: 'reads of the chip give all ones' } : { kind: 'value', value };
}

function valueOf(word: Word | undefined): number | undefined {
  return word?.kind === 'value' ? word.value : undefined;
}

function errorsOf(card: string, words: readonly Word[]): ReadError[] {
  const counts = new Map<string, number>();
  for (const word of words) {
    if (word.kind === 'unreadable') counts.set(word.reason, (counts.get(word.reason) ?? 0) + 1);
  }
  return Array.from(counts, ([reason, count]) => ({
    reason,
    message: `card ${card}: ${reason} from ${count} of its files pcie_perf_counters/*, which are not counted`,
  }));
}
