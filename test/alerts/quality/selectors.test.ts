import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseRules } from './rule-files.ts';
import { isSelected, selectorsOf } from './selectors.ts';

it('a series is seen by a rule if one of the selectors of its metric matches', () => {
  const groups = parseRules(`
groups:
  - name: one
    rules:
      - { record: 'a:tt_x:sum', expr: 'sum by (state) (tt_x{state=~"bad|worse", pid!="other"}[5m]) + tt_x{state="}", pid=""}' }
      - { alert: A, expr: 'tt_y > on (tt_x) 1 and tt_z{device="0"}' }
`);
  const selectors = selectorsOf(groups, new Set(['tt_x', 'tt_y', 'tt_z']));
  const seen = (name: string, labels: Record<string, string>): boolean => isSelected(selectors, name, labels);
  assert.equal(seen('tt_y', { anything: '1' }), true);
  assert.equal(seen('tt_z', { device: '0' }), true);
  assert.equal(seen('tt_z', { device: '1' }), false);
  assert.equal(seen('tt_z', {}), false);
  // A name in `on (…)` looks like a metric: what is seen too much does no harm.
  assert.equal(seen('tt_x', { state: 'good' }), true);
});

it('matchers are told apart by name, also where a value has a brace', () => {
  const groups = parseRules(`
groups:
  - name: one
    rules:
      - { alert: A, expr: 'sum(tt_x{state=~"bad|worse", pid!="other"}[5m]) + tt_x{state="}", pid=""}' }
`);
  const selectors = selectorsOf(groups, new Set(['tt_x']));
  assert.equal(isSelected(selectors, 'tt_x', { state: 'bad', pid: '1' }), true);
  assert.equal(isSelected(selectors, 'tt_x', { state: 'bad', pid: 'other' }), false);
  assert.equal(isSelected(selectors, 'tt_x', { state: 'good', pid: '1' }), false);
  assert.equal(isSelected(selectors, 'tt_x', { state: '}' }), true);
});
