import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { openResults } from './results-file.ts';
import type { RuleGroup } from './rule-files.ts';
import { addResult, emptyResult } from './score.ts';
import type { Result } from './score.ts';

const PLAN = { archetypes: ['notebook'], chips: 1, days: 2, seed: 3, scrapeSeconds: 60 };
const RULES: RuleGroup[] = [{ name: 'group', intervalSeconds: 60, rules: [] }];

function resultOf(chipDays: number): Result {
  const score = { chipDays, leaks: 2, delays: [60], right: 3, wrong: 1, wrongPages: 1, silent: 4 };
  return {
    byArchetype: new Map([['notebook', { ...score, delays: [60] }]]),
    byAlert: new Map([['TenstorrentThermalTrip', { ...score, delays: [] }]]),
    total: score,
    complaints: ['not found: it'],
  };
}

it('a world is found again by another run, unless it or the rules are other ones, or its line was cut off', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'results-'));
  const path = join(folder, 'worlds.jsonl');
  try {
    const first = await openResults(path, RULES);
    assert.equal(first.find(PLAN), undefined);
    await first.add(PLAN, resultOf(2), 12.3);
    await appendFile(path, '{"key":"cut o');
    const second = await openResults(path, RULES);
    assert.deepEqual(second.find(PLAN), resultOf(2));
    assert.equal(second.find({ ...PLAN, seed: 4 }), undefined);
    await second.add({ ...PLAN, seed: 4 }, resultOf(5), 9);
    assert.deepEqual((await openResults(path, RULES)).find({ ...PLAN, seed: 4 }), resultOf(5));
    assert.equal((await openResults(path, [])).find(PLAN), undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('results of worlds add up', () => {
  const sum = emptyResult();
  addResult(sum, resultOf(2));
  addResult(sum, resultOf(5));
  const score = { chipDays: 7, leaks: 4, delays: [60, 60], right: 6, wrong: 2, wrongPages: 2, silent: 8 };
  assert.deepEqual(sum, {
    byArchetype: new Map([['notebook', score]]),
    byAlert: new Map([['TenstorrentThermalTrip', { ...score, delays: [] }]]),
    total: score,
    complaints: ['not found: it', 'not found: it'],
  });
});
