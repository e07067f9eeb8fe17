/** `npm run quality:alerts`: simulated hosts against the rules; prints how good the alerts are. */
import { parseArgs } from 'node:util';
import { ARCHETYPES } from './archetypes.ts';
import { measureQuality } from './measure.ts';
import { failures } from './score.ts';
import { tableOf } from './table.ts';
import type { WorldPlan } from './world.ts';

const USAGE = `usage: npm run quality:alerts -- [--worlds=N] [--chips=N] [--days=N] [--seed=N] [--only=ARCHETYPE,…] [--rules=DIR] [--results=FILE] [--complaints]
  --worlds      how many worlds, each with one host of each archetype; one in four is scraped every minute, the others every two (8)
  --chips       of each host (4)
  --days        that each world lasts (7)
  --seed        of the first world (1)
  --only        some archetypes
  --rules       the folder with the rules (alerts)
  --results     a file that each world's result is added to at once; worlds that it has of these rules are not played again
  --complaints  prints each false notification and each leak that was not found`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  const started = performance.now();
  const result = await measureQuality(plansOf(options), {
    rules: options.rules,
    results: options.results,
    log: console.error,
  });
  console.log(tableOf(result));
  if (options.complaints) console.log(result.complaints.join('\n'));
  const failed = failures(result);
  console.log(`\n${failed.length === 0 ? 'as good as it should be' : failed.join('; ')}`);
  console.error(`${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
  return failed.length === 0 ? 0 : 1;
}

function readOptions() {
  const number = (initial: string) => ({ type: 'string', default: initial }) as const;
  try {
    const { values } = parseArgs({
      options: {
        worlds: number('8'),
        chips: number('4'),
        days: number('7'),
        seed: number('1'),
        only: number([...ARCHETYPES.keys()].join(',')),
        rules: { type: 'string' },
        results: { type: 'string' },
        complaints: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

function plansOf({
  worlds,
  chips,
  days,
  seed,
  only,
}: Record<'worlds' | 'chips' | 'days' | 'seed' | 'only', string>): WorldPlan[] {
  return Array.from({ length: Number(worlds) }, (_, index) => ({
    archetypes: only.split(','),
    chips: Number(chips),
    days: Number(days),
    seed: Number(seed) + index,
    scrapeSeconds: index % 4 === 3 ? 60 : 120,
  }));
}
