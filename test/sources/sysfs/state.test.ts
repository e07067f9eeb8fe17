import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countCode, emptyTally, stateOf } from '../../../src/sources/sysfs/state.ts';
import type { Evidence, Tally } from '../../../src/sources/sysfs/state.ts';

function evidence(live: Partial<Tally>, rest: Partial<Tally> = {}, linkDead = false): Evidence {
  return { live: { ...emptyTally(), ...live }, all: { ...emptyTally(), ...live, ...rest }, linkDead };
}

test('the state follows from what most files say', () => {
  const cases: readonly (readonly [string, Evidence, ReturnType<typeof stateOf>])[] = [
    ['readings', evidence({ good: 8 }), 'ok'],
    ['garbage only', evidence({ rejected: 8 }), 'ok'],
    ['garbage and all ones', evidence({ rejected: 2, allOnes: 6 }), 'unreachable'],
    ['all ones', evidence({ allOnes: 8 }), 'unreachable'],
    ['all ones and an id from before', evidence({ allOnes: 8 }, { allOnes: 8, good: 3 }), 'unreachable'],
    ['all ones and one reading', evidence({ allOnes: 7, good: 1 }), 'ok'],
    ['ENODATA', evidence({ noData: 8 }), 'resetting'],
    ['ENODATA and an id from before', evidence({ noData: 8 }, { noData: 8, good: 10 }), 'resetting'],
    ['ENODATA of most', evidence({ noData: 5, good: 3 }), 'resetting'],
    ['ENODATA of some', evidence({ noData: 3, good: 5 }), 'ok'],
    ['ids only', evidence({}, { good: 3 }), 'ok'],
    ['ids of all ones only', evidence({}, { allOnes: 3 }), 'unreachable'],
    ['nothing', evidence({}), 'firmware_down'],
    ['nothing behind a dead link', evidence({}, {}, true), 'unreachable'],
    ['readings behind a dead link', evidence({ good: 8 }, {}, true), 'ok'],
    ['EACCES', evidence({ failed: 8 }), undefined],
    ['EACCES of some', evidence({ failed: 3, good: 5 }), 'ok'],
    ['ENODEV', evidence({ gone: 8 }), undefined],
  ];
  assert.deepEqual(
    cases.map(([name, given]) => [name, stateOf(given)]),
    cases.map(([name, , state]) => [name, state]),
  );
});

test('codes count as what they mean', () => {
  const tally = emptyTally();
  for (const code of ['ENOENT', 'EINVAL', 'E524', 'ENOTSUP', 'EOPNOTSUPP']) countCode(tally, code);
  assert.deepEqual(tally, emptyTally());
  for (const code of ['ENODATA', 'ENODEV', 'EACCES', 'EMFILE', 'EIO']) countCode(tally, code);
  assert.deepEqual(tally, { ...emptyTally(), noData: 1, gone: 1, failed: 3 });
});
