import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { seededRandom } from '../../../src/simulator/random.ts';
import { BlockCoverage } from './block-coverage.ts';
import { fuzz } from './fuzz.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutate.ts';
import type { FuzzTarget } from './target.ts';
import { trial } from './trial.ts';

const QUIET: FuzzTarget = { name: 'quiet', seeds: () => [], tokens: [], maxBytes: 8, run: () => undefined };

describe('the fuzzer', () => {
  it('comes to what is planted behind two letters by what it has reached, and makes the input small', async () => {
    const coverage = new BlockCoverage(new URL('planted/', import.meta.url).href);
    const { PLANTED } = await import('./planted/planted.ts');
    const result = await fuzz(PLANTED, {
      seconds: 60,
      random: seededRandom(1),
      corpus: [],
      coverage,
      until: 'finding',
    });
    coverage.close();
    assert.deepEqual(
      result.findings.map(({ error, input }) => [error.message, input.toString()]),
      [['planted', 'se']],
    );
    assert.ok(result.corpus.length >= 2, `${result.corpus.length} inputs are kept`);
  });

  it('calls it a finding where an input takes too long or too much memory, or is refused without a word', async () => {
    const kept: Buffer[] = [];
    const costly = { ...QUIET, run: () => void kept.push(Buffer.alloc(100 * 2 ** 20, 1)) };
    assert.match((await trial(costly, Buffer.alloc(1)))?.message ?? '', /^memory: it took \d+ MiB$/);
    assert.equal(kept.length, 1);
    const failing = { ...QUIET, run: () => Promise.reject(new RangeError('no')) };
    assert.equal((await trial(failing, Buffer.alloc(1)))?.message, 'no');
    assert.equal(await trial(QUIET, Buffer.alloc(1)), undefined);
  });

  it('keeps an input that hangs, and ends', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-hang-'));
    try {
      const path = join(folder, 'input');
      const { signal } = spawnSync(process.execPath, [join(import.meta.dirname, 'planted/hang.ts'), path], {
        stdio: 'ignore',
        timeout: 60_000,
        killSignal: 'SIGINT',
      });
      assert.equal(signal, 'SIGKILL');
      assert.ok(existsSync(path));
      assert.equal(readFileSync(path, 'utf8'), 'for ever');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('mutations are never longer than they may be, and the same for the same seed', () => {
  const tools = (seed: number) => ({
    random: seededRandom(seed),
    tokens: [Buffer.from('token')],
    maxBytes: 40,
    other: () => Buffer.from('another input 12'),
  });
  for (const input of ['', 'a', 'some 17 letters', 'x'.repeat(40)].map((text) => Buffer.from(text))) {
    const before = Buffer.from(input);
    const made = (seed: number) =>
      Array.from(
        { length: 300 },
        (
          (use) => () =>
            mutate(input, use)
        )(tools(seed)),
      );
    const first = made(7);
    assert.deepEqual(made(7), first);
    assert.ok(first.every(({ length }) => length <= 40));
    assert.ok(new Set(first.map(String)).size > 100, 'they differ');
    assert.ok(before.equals(input), 'the input stays as it is');
  }
});

it('an input is made as small as it can be while it is still wrong', async () => {
  const input = Buffer.from(`${'x'.repeat(300)}ab${'y'.repeat(77)}c`);
  const isStillWrong = (candidate: Buffer) => Promise.resolve(/a.*b.*c/s.test(candidate.toString()));
  assert.equal((await minimise(input, isStillWrong)).toString(), 'abc');
});
