/** `npm run fuzz -- --minutes=60 --target=regions --target=bundles`: of all targets in turn by default */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/simulator/random.ts';
import { BlockCoverage } from './engine/block-coverage.ts';
import { fuzz } from './engine/fuzz.ts';
import type { FuzzResult } from './engine/fuzz.ts';
import { keepSeed, readSeeds, replaceReach } from './engine/seed-files.ts';
import { Watchdog } from './engine/watchdog.ts';
import { SOURCES, TARGETS } from './targets/all.ts';

/** Inputs for the repository are few and small: the rest comes back within seconds. */
const KEPT = { inputs: 80, bytes: 12_000 } as const;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    target: { type: 'string', multiple: true, default: Object.keys(TARGETS) },
    seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
    keep: { type: 'boolean', default: false },
  },
});
const seconds = (Number(values.minutes) * 60) / values.target.length;
if (!(seconds > 0)) throw new RangeError(`--minutes=${values.minutes}: give a number above 0`);
const coverage = new BlockCoverage(SOURCES);
console.log(`seed ${values.seed}, ${seconds.toFixed(0)} s each`);
for (const name of values.target) {
  const load = TARGETS[name];
  if (load === undefined) throw new RangeError(`--target=${name}: there are ${Object.keys(TARGETS).join(', ')}`);
  const target = await load();
  const watchdog = new Watchdog(join(tmpdir(), `fuzz-hang-${name}`), 2 * target.maxBytes);
  const corpus = readSeeds(name).map(({ input }) => input);
  const random = seededRandom(Number(values.seed));
  report(name, await fuzz(target, { seconds, random, corpus, coverage, watchdog, log: console.log }));
  await watchdog.close();
}
process.exit();

function report(name: string, { executions, blocks, corpus, findings }: FuzzResult): void {
  console.log(
    `${name}: ${executions} inputs in ${seconds.toFixed(0)} s, ${blocks} of ${coverage.known} known blocks, ${corpus.length} kept, ${findings.length} findings`,
  );
  for (const { error, input } of findings) {
    console.error(`${name}: ${error.stack ?? error.message}\n  ${keepSeed(name, 'found', input)}`);
    process.exitCode = 1;
  }
  if (values.keep) replaceReach(name, corpus.filter(({ length }) => length <= KEPT.bytes).slice(0, KEPT.inputs));
}
