/** `npm run soak -- --minutes=60 --rate=10`; `--keep=FOLDER`: pages on which something was wrong are put there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';
import { grown, growth, resourcesText } from './tally.ts';

const MOST_SKIPPED = 0.01;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    rate: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
  },
});
// The table comes then too, and nothing is left running.
const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    ended.abort();
  });
}
const result = await soak({
  signal: ended.signal,
  seconds: positive('minutes', values.minutes) * 60,
  rate: positive('rate', values.rate),
  seed: positive('seed', values.seed),
  eventMs: 3000,
  stateMs: 5000,
  hostileMs: 45_000,
  killReaderMs: 40_000,
  promtoolEach: 300,
  reportMs: 60_000,
  log: console.log,
  ...(values.keep === undefined ? {} : { keep: keepIn(values.keep) }),
});
const last = result.samples.at(-1);
const perHour = growth(result);
// In less the events of one part are not those of another.
const hasGrown = positive('minutes', values.minutes) < 10 ? [] : grown(result);
console.log(`pages              ${result.pages} (${JSON.stringify(result.byFormat)}), ${result.promtool} through promtool, ${result.skipped} left out as too many were under way
numbers            ${result.compared} compared with the books, ${result.excused} missing where a collector says that it failed
scrape             ${result.milliseconds.p50.toFixed(0)} ms in the middle, p99 ${result.milliseconds.p99.toFixed(0)}, most ${result.milliseconds.most.toFixed(0)}
events             ${JSON.stringify(result.events)}, ${result.readersKilled} ends of the reader, ${result.hostileVisits} visits of the hostile client
at the end         ${last === undefined ? '' : resourcesText(last)}
growth in an hour  ${perHour.residentMiB.toFixed(1)} MiB resident, ${perHour.heapMiB.toFixed(1)} MiB of heap, ${perHour.descriptors.toFixed(1)} descriptors, ${perHour.threads.toFixed(1)} threads (second half)
wrong              ${result.wrongCount}`);
for (const what of hasGrown) console.error(what);
const isHeld = result.skipped <= MOST_SKIPPED * result.pages;
if (!isHeld) console.error('the rate was not held');
if (!isHeld || result.wrongCount + hasGrown.length > 0) process.exitCode = 1;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`--${name}=${text}: give a number above 0`);
  return value;
}

function keepIn(folder: string): (name: string, page: Uint8Array) => void {
  mkdirSync(folder, { recursive: true });
  return (name, page) => {
    writeFileSync(join(folder, `${name}.txt`), page);
  };
}
