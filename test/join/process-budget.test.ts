import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ProcessBudget } from '../../src/join/process-budget.ts';

type Sizes = Readonly<Record<string, number>>;

const SHOWN = new Set(['shared_memory', 'procfs']);
const NOBODY: ReadonlySet<string> = new Set();

/** Asks for one device; gives the pids in order. */
function ask(
  budget: ProcessBudget,
  sizes: Sizes,
  always: ReadonlySet<string> = NOBODY,
  shown: ReadonlySet<string> = SHOWN,
): string[] {
  const round = budget.startRound(shown);
  return [
    ...round.choose(
      '0',
      new Set(Object.keys(sizes)),
      () => always,
      () => new Map(Object.entries(sizes)),
    ),
  ].sort();
}

describe('the budget of processes', () => {
  it('shows all of them up to the limit, and asks for no sizes', () => {
    const pids = new Set(['1', '2']);
    const chosen = new ProcessBudget(2).startRound(SHOWN).choose(
      '0',
      pids,
      () => NOBODY,
      () => {
        throw new Error('asked for sizes');
      },
    );
    assert.equal(chosen, pids);
  });

  it('shows the largest beyond it, and of equal ones the smaller pids', () => {
    assert.deepEqual(ask(new ProcessBudget(2), { 1: 5, 2: 7, 3: 6 }), ['2', '3']);
    assert.deepEqual(ask(new ProcessBudget(2), { 10: 5, 9: 5, 11: 5 }), ['10', '9']);
    assert.deepEqual(ask(new ProcessBudget(1), { '?3': 1, 10: 1 }), ['10']);
  });

  it('has no limit where that is 0', () => {
    const sizes = Object.fromEntries(Array.from({ length: 500 }, (_, pid) => [pid, pid]));
    assert.equal(ask(new ProcessBudget(0), sizes).length, 500);
  });

  it('shows those that are always shown beside the limit, however small they are', () => {
    assert.deepEqual(ask(new ProcessBudget(1), { '?1': 0, '?2': 1, 3: 5, 4: 6 }, new Set(['?1', '?2'])), [
      '4',
      '?1',
      '?2',
    ]);
    assert.deepEqual(ask(new ProcessBudget(1), { '?1': 0, 3: 5 }, new Set(['?1'])), ['3', '?1']);
  });

  it('keeps who is shown until another is more than a quarter larger', () => {
    const budget = new ProcessBudget(2);
    assert.deepEqual(ask(budget, { 1: 100, 2: 90, 3: 80 }), ['1', '2']);
    assert.deepEqual(ask(budget, { 1: 100, 2: 80, 3: 100 }), ['1', '2']);
    assert.deepEqual(ask(budget, { 1: 100, 2: 80, 3: 101 }), ['1', '3']);
    assert.deepEqual(ask(budget, { 1: 100, 2: 101, 3: 101 }), ['1', '3']);
  });

  it('exchanges as many as have become too small', () => {
    const budget = new ProcessBudget(3);
    ask(budget, { 1: 9, 2: 8, 3: 7, 4: 1, 5: 1 });
    assert.deepEqual(ask(budget, { 1: 9, 2: 1, 3: 1, 4: 8, 5: 7, 6: 6 }), ['1', '4', '5']);
  });

  it('gives a place that is free to the largest, and keeps the others', () => {
    const budget = new ProcessBudget(2);
    ask(budget, { 1: 100, 2: 90, 3: 80, 4: 70 });
    assert.deepEqual(ask(budget, { 2: 90, 3: 95, 4: 100 }), ['2', '4']);
  });

  it('remembers those that were all shown when one more comes', () => {
    const budget = new ProcessBudget(2);
    ask(budget, { 1: 10, 2: 10 });
    assert.deepEqual(ask(budget, { 1: 10, 2: 10, 3: 12 }), ['1', '2']);
  });

  it('forgets a process that was away, and a device that was', () => {
    const budget = new ProcessBudget(1);
    ask(budget, { 1: 10, 2: 9 });
    ask(budget, { 2: 9, 3: 1 });
    assert.deepEqual(ask(budget, { 1: 10, 2: 9 }), ['2']);
    budget.startRound(SHOWN);
    assert.deepEqual(ask(budget, { 1: 10, 2: 9 }), ['1']);
  });

  it('is not confused by answers of other collectors in between', () => {
    const budget = new ProcessBudget(1);
    assert.deepEqual(ask(budget, { 1: 10, 2: 9 }), ['1']);
    budget.startRound(new Set(['sysfs']));
    assert.deepEqual(ask(budget, { 2: 1, 3: 0 }, NOBODY, new Set(['procfs'])), ['2']);
    assert.deepEqual(ask(budget, { 1: 10, 2: 11 }, NOBODY, new Set(['procfs', 'shared_memory'])), ['1']);
  });

  it('does not let two take turns whose sizes move by a tenth', () => {
    const budget = new ProcessBudget(64);
    const large = Object.fromEntries(Array.from({ length: 63 }, (_, at) => [`${at + 1}`, 1000 + at]));
    const answers = new Set<string>();
    for (let round = 0; round < 100; round++) {
      const up = round % 2 === 0 ? 1.1 : 0.9;
      answers.add(ask(budget, { ...large, 900: 100 * up, 901: 100 * (2 - up) }).join(' '));
    }
    assert.equal(answers.size, 1);
    assert.match([...answers].join(), / 900$/);
  });

  const processes = fc.dictionary(fc.integer({ min: 1, max: 30 }).map(String), fc.integer({ min: 0, max: 50 }));

  it('never shows more than the limit, hides nothing without need, and answers the same to the same', () => {
    fc.assert(
      fc.property(
        fc.array(processes, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 12 }),
        (rounds, limit) => {
          const budget = new ProcessBudget(limit);
          for (const sizes of rounds) {
            const all = Object.keys(sizes);
            const shown = ask(budget, sizes);
            assert.equal(shown.length, Math.min(limit, all.length));
            assert.deepEqual(ask(budget, sizes), shown);
            const smallest = Math.min(...shown.map((pid) => sizes[pid] ?? NaN));
            const folded = all.filter((pid) => !shown.includes(pid));
            for (const pid of folded)
              assert.ok((sizes[pid] ?? NaN) <= 1.25 * smallest, `${pid} in ${JSON.stringify(sizes)}`);
          }
        },
      ),
    );
  });
});
