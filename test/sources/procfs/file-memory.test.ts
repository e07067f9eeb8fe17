import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsLook } from '../../../src/sources/procfs/file-memory.ts';
import type { WantedFile } from '../../../src/sources/source.ts';

const WANTED: WantedFile = {
  file: { dev: 1, ino: 2 },
  fingerprint: 'f',
  attachMark: 'attached once',
  writerPids: [7],
  writerMark: () => '',
};
const HOLDER = { startTicks: 5, link: 'fd/9', seenMark: 'attached once' };

test('a holder that owns a slot is looked for again after an attach, and now and then', () => {
  const looks = Array.from({ length: 32 }, (_, turn) => needsLook(HOLDER, WANTED, true, turn));
  assert.equal(looks.filter(Boolean).length, 2);
  assert.equal(needsLook({ ...HOLDER, seenMark: 'before' }, WANTED, true, 1), true);
});

test('a holder that owns no slot is looked for each time', () => {
  assert.equal(needsLook(HOLDER, WANTED, false, 1), true);
});
