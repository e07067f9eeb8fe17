import { parseArgs } from 'node:util';
import { LivesError, playLives } from './live.ts';
import { decidedShare } from './tally.ts';
import type { Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
  },
});

const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const startedAt = Date.now();
let last = 0;

function describe(tally: Tally): string {
  const { lives, collections, deaths, slots } = tally;
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  return [
    `${lives} lives, ${collections} collections (${tally.late} late) in ${seconds} s`,
    `deaths decided in the first collection: ${decidedShare(deaths).toFixed(3)} % of ${deaths.decided + deaths.undecided}`,
    `slots decided: ${decidedShare(slots).toFixed(3)} % of ${slots.decided + slots.undecided}`,
    `nothing to decide: ${JSON.stringify(slots.excused)}`,
    `wrong guesses: ${tally.wrongGuesses}`,
  ].join('; ');
}

class TimeIsUp extends Error {}

function report(tally: Tally): void {
  if (tally.lives - last >= 5000) {
    last = tally.lives;
    console.log(describe(tally));
  }
  if (Date.now() - startedAt < Number(values.minutes) * 60_000) return;
  console.log(describe(tally));
  throw new TimeIsUp();
}

console.log(`seed ${seed}`);
try {
  console.log(describe(await playLives(Number(values.lives), seed, report)));
} catch (error) {
  if (!(error instanceof TimeIsUp)) {
    console.error(error instanceof LivesError ? error.message : error);
    process.exitCode = 1;
  }
}
