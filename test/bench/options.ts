import { parseArgs } from 'node:util';
import { BUILT_PROGRAM, SOURCE_PROGRAM } from './exporters/ours.ts';
import type { RoundsPlan } from './rounds.ts';

/** How long everything is measured, and which program. */
export interface BenchOptions {
  readonly script: string;
  readonly galaxy: RoundsPlan;
  readonly n150: RoundsPlan;
  readonly encodeRounds: number;
  readonly starts: number;
  readonly loopDelay: { readonly warmUpMs: number; readonly measureMs: number };
  /** Set where only memory is to be measured, after so many scrapes. */
  readonly scrapes: number | undefined;
  readonly profile: { readonly warmUpMs: number; readonly measureMs: number } | undefined;
}

const USAGE = `usage: npm run bench -- [--quick] [--source] [--profile] [--scrapes=N]
  --quick    short: the medians are rough
  --source   measure the source instead of the built program in dist/
  --profile  only profile the exporter: prints where in the source its time goes, and keeps the profiles
  --scrapes  only scrape so many times, and print what memory the exporter has by then`;

const FULL = {
  galaxy: { warmUpMs: 8000, rounds: 9, scrapesARound: 30 },
  n150: { warmUpMs: 2000, rounds: 9, scrapesARound: 100 },
  encodeRounds: 30,
  starts: 9,
  loopDelay: { warmUpMs: 5000, measureMs: 10_000 },
};
const QUICK = {
  galaxy: { warmUpMs: 1500, rounds: 3, scrapesARound: 10 },
  n150: { warmUpMs: 300, rounds: 3, scrapesARound: 30 },
  encodeRounds: 5,
  starts: 1,
  loopDelay: { warmUpMs: 800, measureMs: 1000 },
};

/** Throws where an option is not known, with how to use the program. */
export function parseOptions(args: string[]): BenchOptions {
  const boolean = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args,
      options: { quick: boolean, source: boolean, profile: boolean, scrapes: { type: 'string' } },
    });
    const plan = values.quick ? QUICK : FULL;
    return {
      ...plan,
      // The built program is put together from many files: a profile of it would not say where its time goes.
      script: values.source || values.profile ? SOURCE_PROGRAM : BUILT_PROGRAM,
      profile: values.profile ? plan.loopDelay : undefined,
      scrapes: values.scrapes === undefined ? undefined : wholeNumber(values.scrapes),
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--scrapes=${text}: give a whole number`);
  return Number(text);
}
