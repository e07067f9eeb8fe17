import type { Verdict } from './attribute.ts';
import type { CardState } from './types.ts';

/** What came of a group of a card's files. */
export interface Tally {
  good: number;
  rejected: number;
  allOnes: number;
  /** ENODATA: the driver waits for a reset to end, or firmware has stopped to publish it. */
  noData: number;
  /** ENODEV: the driver has let go of the device. */
  gone: number;
  /** Refused for a reason that says nothing of the card: EACCES, EMFILE. */
  failed: number;
}

export function emptyTally(): Tally {
  return { good: 0, rejected: 0, allOnes: 0, noData: 0, gone: 0, failed: 0 };
}

export function countVerdict(tally: Tally, verdict: Verdict): void {
  if (verdict === 'good') tally.good++;
  else if (verdict === 'all_ones') tally.allOnes++;
  else if (verdict === 'rejected' || verdict === 'malformed') tally.rejected++;
}

/**
 * Codes of files that are not there: ENOENT; what drivers up to 2.8 give for a tag that firmware does not publish any
 * more (EINVAL, and 524 in hwmon); ENOTSUP, which later ones give.
 */
const ABSENT_CODES = new Set(['ENOENT', 'EINVAL', 'E524', 'ENOTSUP', 'EOPNOTSUPP']);

export function isAbsent(code: string): boolean {
  return ABSENT_CODES.has(code);
}

export function countCode(tally: Tally, code: string): void {
  if (code === 'ENODATA') tally.noData++;
  else if (code === 'ENODEV') tally.gone++;
  else if (!isAbsent(code)) tally.failed++;
}

/** What a card's files say of its state. */
export interface Evidence {
  readonly live: Readonly<Tally>;
  /** Of everything that firmware publishes, the live readings among it. */
  readonly all: Readonly<Tally>;
  /** Config space reads as all ones. */
  readonly linkDead: boolean;
}

/**
 * The state of a card with a driver, from what came of its files; undefined where they do not tell. Moving readings
 * decide where there are any: the driver may know the rest from before.
 */
export function stateOf({ live, all, linkDead }: Evidence): CardState | undefined {
  const tally = hasAnswers(live) ? live : all;
  const answered = tally.good + tally.rejected + tally.allOnes;
  if (tally.noData > answered) return 'resetting';
  if (tally.allOnes > 0 && tally.good === 0) return 'unreachable';
  if (answered > 0) return 'ok';
  if (tally.failed > 0 || tally.gone > 0) return undefined;
  return linkDead ? 'unreachable' : 'firmware_down';
}

function hasAnswers(tally: Readonly<Tally>): boolean {
  return tally.good + tally.rejected + tally.allOnes + tally.noData > 0;
}
