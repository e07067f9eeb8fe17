import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCaseFiles } from '../case-file.ts';
import { readGroups } from '../rule-set.ts';
import { allMutants } from './mutants.ts';
import { survivorsOf } from './run-mutants.ts';
import { explained } from './survivors.ts';

/** One of so many mutants is run here; `npm run mutate:alerts` runs all. */
const EVERY = 40;

test('every operator, matcher, number and duration of a rule is changed', () => {
  const rule = {
    alert: 'A',
    expr: 'rate(x{a="b"}[5m]) - y offset 1h > 0.5\nand on (c) z',
    for: '10m',
    labels: { severity: 'info' },
  };
  const mutants = allMutants([{ name: 'g', interval: '1m', rules: [rule] }]);
  assert.deepEqual(
    mutants.map(({ groups, change }) => {
      const [mutated] = groups[0]?.rules ?? [];
      return mutated?.for === '10m' ? mutated.expr.replace('\n', ' ') : change;
    }),
    [
      'rate(x{a!="b"}[5m]) - y offset 1h > 0.5 and on (c) z',
      'rate(x{a="b"}[7m30s]) - y offset 1h > 0.5 and on (c) z',
      'rate(x{a="b"}[2m30s]) - y offset 1h > 0.5 and on (c) z',
      'rate(x{a="b"}[5m]) + y offset 1h > 0.5 and on (c) z',
      'rate(x{a="b"}[5m]) - y offset 1h30m > 0.5 and on (c) z',
      'rate(x{a="b"}[5m]) - y offset 30m > 0.5 and on (c) z',
      'rate(x{a="b"}[5m]) - y offset 1h >= 0.5 and on (c) z',
      'rate(x{a="b"}[5m]) - y offset 1h < 0.5 and on (c) z',
      'rate(x{a="b"}[5m]) - y offset 1h > 0.55 and on (c) z',
      'rate(x{a="b"}[5m]) - y offset 1h > 0.45 and on (c) z',
      'rate(x{a="b"}[5m]) - y offset 1h > 0.5 unless on (c) z',
      'info: for: 10m → 15m',
      'info: for: 10m → 5m',
    ],
  );
});

test('a change that no case can notice is found', async () => {
  const groups = [{ name: 'g', interval: '1m', rules: [{ alert: 'A', expr: 'x > 1' }] }];
  const file = {
    alert: 'A',
    summary: '',
    labels: {},
    cases: [{ name: 'far from the threshold', series: { x: '0x5' }, at: { '3m': [] } }],
  };
  const survivors = await survivorsOf(allMutants(groups), [file], groups);
  assert.deepEqual(
    survivors.map(({ change }) => change),
    ['x «> → >=» 1', 'x > «1 → 2»', 'x > «1 → 0»'],
  );
});

test('mutants of the rules are noticed, or are known not to be', async () => {
  const groups = await readGroups();
  const mutants = allMutants(groups).filter((_, i) => i % EVERY === 0);
  const reasons = await explained();
  const survivors = await survivorsOf(mutants, await readCaseFiles(), groups);
  assert.deepEqual(
    survivors.map(({ rule, change }) => `${rule}: ${change}`).filter((key) => !reasons.has(key)),
    [],
  );
});

test('the list of survivors names mutants that exist, each with a reason', async () => {
  const existing = new Set(allMutants(await readGroups()).map(({ rule, change }) => `${rule}: ${change}`));
  for (const [key, reason] of await explained()) {
    assert.ok(existing.has(key), `no such mutant: ${key}`);
    assert.notEqual(reason, '', key);
  }
});
