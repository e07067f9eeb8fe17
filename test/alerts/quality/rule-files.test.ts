import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRules } from './measure.ts';
import { inOrderOfUse, metricsOf, parseDuration, parseRules } from './rule-files.ts';
import { familyNames } from './scraped-host.ts';

/** What no simulated host has, and why no alert can be scored by it. */
const NOT_SIMULATED = new Set<string>();

describe('rules', () => {
  it('name metrics that a simulated host has, or that a rule records', async () => {
    const groups = await readRules();
    const rules = groups.flatMap((group) => group.rules);
    const known = new Set([...familyNames(), ...rules.flatMap((rule) => (rule.kind === 'record' ? [rule.name] : []))]);
    const named = new Set(rules.flatMap(({ expression }) => metricsOf(expression)));
    assert.ok(named.size > 30, `${named.size} names`);
    assert.deepEqual(
      [...named].filter((name) => !known.has(name) && !NOT_SIMULATED.has(name)),
      [],
    );
  });

  it('are ordered so that what a group reads is recorded before', () => {
    const groups = parseRules(`
groups:
  - name: alerts
    rules: [{ alert: A, expr: 'device:tt_x:sum > 1', for: 1m }]
  - name: records
    rules: [{ record: 'device:tt_x:sum', expr: 'sum(tt_x)' }]
`);
    assert.deepEqual(
      inOrderOfUse(groups).map(({ name }) => name),
      ['records', 'alerts'],
    );
  });
});

describe('metricsOf', () => {
  it('takes no word of a string, a label or a comment for a metric', () => {
    const expression = 'sum by (device) (tt_x{comm="tt_smi"}[5m]) # tt_y\n and up == 1 and device:tt_z:max';
    assert.deepEqual(metricsOf(expression), ['tt_x', 'up', 'device:tt_z:max']);
  });
});

describe('parseDuration', () => {
  it('reads compound durations, and refuses what is none', () => {
    assert.equal(parseDuration('1h30m'), 5400);
    assert.equal(parseDuration('0s'), 0);
    assert.throws(() => parseDuration('5 minutes'), /not a duration: "5 minutes"/u);
  });
});
