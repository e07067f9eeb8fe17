import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../src/simulator/random.ts';
import { BlockCoverage } from './engine/block-coverage.ts';
import { fuzz } from './engine/fuzz.ts';
import { readSeeds } from './engine/seed-files.ts';
import { trial } from './engine/trial.ts';
import { SOURCES, TARGETS } from './targets/all.ts';

const SECONDS = 0.5;
/** Of those that are kept as many to begin with: all of them have been run before. */
const SOME = 12;

// Before anything is loaded: what is there already is not counted block by block.
const coverage = new BlockCoverage(SOURCES);

for (const [name, load] of Object.entries(TARGETS)) {
  describe(name, () => {
    it('takes every input that is kept, and those that it begins with', async () => {
      const target = await load();
      const seeds = readSeeds(name);
      assert.ok(seeds.length > 0, `test/fuzz/seeds/${name} is empty: npm run fuzz -- --keep --target=${name}`);
      const inputs = [...target.seeds().map((input, index) => ({ name: `seed ${index}`, input })), ...seeds];
      for (const { name: which, input } of inputs) assert.equal(await trial(target, input), undefined, which);
    });

    it('takes inputs that are made of these', async () => {
      const target = await load();
      const corpus = readSeeds(name)
        .slice(0, SOME)
        .map(({ input }) => input);
      const { executions, findings } = await fuzz(target, {
        seconds: SECONDS,
        random: seededRandom(1),
        corpus,
        coverage,
        until: 'finding',
      });
      assert.deepEqual(findings, []);
      assert.ok(executions > corpus.length, 'there was no time for any');
    });
  });
}
