import type { Excuse } from './truth.ts';

/** What came of many lives. */
export interface Tally {
  lives: number;
  collections: number;
  /** Collections that did not get everything in time, and said so. */
  late: number;
  /** Ends of writers that left bytes, by what the first collection after them said. */
  deaths: { decided: number; undecided: number };
  /** Looks at slots with bytes that had to be decided, and at those that had not. */
  slots: { decided: number; undecided: number; excused: Record<Excuse, number> };
  /** Slots that were given to a process by its device and number alone, and were another's. */
  wrongGuesses: number;
}

export function emptyTally(): Tally {
  return {
    lives: 0,
    collections: 0,
    late: 0,
    deaths: { decided: 0, undecided: 0 },
    slots: { decided: 0, undecided: 0, excused: { blind: 0, retry: 0, clock: 0, shared: 0, heir: 0, releasing: 0 } },
    wrongGuesses: 0,
  };
}

/** The share that was decided, of deaths and of all slots, in percent; 100 where there was nothing to decide. */
export function decidedShare({ decided, undecided }: { readonly decided: number; readonly undecided: number }): number {
  const all = decided + undecided;
  return all === 0 ? 100 : (100 * decided) / all;
}
