import type { ParsedFamily } from '../../support/exposition-parser.ts';
import type { Ledger } from './ledger.ts';
import { failedCollectors, isExcused, pageNumbers } from './page-numbers.ts';

export interface Verdict {
  /** What is on the page and was never so, and what is missing. */
  readonly wrong: readonly string[];
  /** Numbers that were compared. */
  readonly compared: number;
  /** Numbers that are not there, of collectors that say that they have failed. */
  readonly excused: number;
}

/** Compares a page that was collected between the two moments with the books. */
export function judgePage(families: readonly ParsedFamily[], ledger: Ledger, from: number, to: number): Verdict {
  const failed = failedCollectors(families);
  const numbers = pageNumbers(families);
  const wrong: string[] = [];
  let excused = 0;
  const blame = (key: string, told: number | undefined): void => {
    if (isExcused(key, failed)) excused++;
    else wrong.push(`${key}: the page has ${told ?? 'nothing'}, the books ${ledger.describe(key, from, to)}`);
  };
  for (const { key, value } of numbers) {
    const known = ledger.allows(key, value, from, to) || ledger.allows(ofAnybody(key), value, from, to);
    if (!known) blame(key, value);
  }
  const told = new Set(numbers.map(({ key }) => key));
  for (const key of ledger.due(from, to)) if (!told.has(key)) blame(key, undefined);
  return { wrong, compared: numbers.length, excused };
}

/** The number of somebody whose PID the books do not know yet. */
function ofAnybody(key: string): string {
  const [kind = '', ...parts] = key.split('|');
  if (kind === 'alive') return parts[0]?.startsWith('?') === true ? 'alive|?*' : 'alive|*';
  const [address = '', pid = '', type = ''] = parts;
  return [kind, address, pid.startsWith('?') ? '?*' : '*', type].join('|');
}
