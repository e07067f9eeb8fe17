import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePids } from '../../../src/sources/procfs/parse-pids.ts';

test('a line is a descriptor: the same PID again is another one, and 0 is somebody invisible', () => {
  assert.deepEqual(parsePids('4242\n4242\n0\n17\n0\n'), {
    descriptors: 5,
    invisible: 2,
    byPid: new Map([
      [4242, 2],
      [17, 1],
    ]),
  });
});

test('an empty file is nobody, and a line that is no PID makes the whole file unbelievable', () => {
  assert.deepEqual(parsePids(''), { descriptors: 0, invisible: 0, byPid: new Map() });
  for (const text of ['x\n', '12\n-1\n', '1 2\n', '1.5\n', '99999999999\n'])
    assert.equal(parsePids(text), undefined, text);
});

test('descriptors are always the invisible ones and those of the PIDs', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (pids) => {
      const holders = parsePids(pids.map((pid) => `${pid}\n`).join(''));
      const known = [...(holders?.byPid.values() ?? [])].reduce((sum, count) => sum + count, 0);
      assert.equal(holders?.descriptors, pids.length);
      assert.equal(holders.invisible + known, pids.length);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      parsePids(text);
    }),
  );
});
