import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownTimes, selfTimes } from './cpu-profile.ts';
import type { CpuProfile } from './cpu-profile.ts';

const frame = (functionName: string, url = '', lineNumber = 0): CpuProfile['nodes'][number]['callFrame'] => {
  return { functionName, url, lineNumber };
};

/** main → draw (ours) → gzip (Node's) → deflate (native); a timer of Node's alone; a library; nothing to do. */
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5, 6, 7] },
    { id: 2, callFrame: frame('draw', new URL('../../../src/page.ts', import.meta.url).href, 9), children: [3] },
    { id: 3, callFrame: frame('gzip', 'node:zlib', 4), children: [4] },
    { id: 4, callFrame: frame('deflate') },
    { id: 5, callFrame: frame('tick', 'node:timers', 0) },
    { id: 6, callFrame: frame('(idle)') },
    { id: 7, callFrame: frame('', new URL('../../../node_modules/express/dist/router.js', import.meta.url).href, 1) },
  ],
  startTime: 1000,
  samples: [2, 2, 4, 3, 6, 5, 7, 2],
  // The first sample is taken at 1500 and stands for the 500 µs until the second.
  timeDeltas: [500, 500, 1000, 3000, 2000, 9000, 1000, 4000],
};

test('a sample stands for the time until the next one, and idle time for nothing', () => {
  assert.deepEqual(selfTimes(PROFILE, 0), [
    { where: '(anonymous) node_modules/express/dist/router.js:2', milliseconds: 4 },
    { where: 'deflate', milliseconds: 3 },
    { where: 'gzip node:zlib:5', milliseconds: 2 },
    { where: 'draw src/page.ts:10', milliseconds: 1.5 },
    { where: 'tick node:timers:1', milliseconds: 1 },
  ]);
});

test('what Node does is the time of the function of ours that asked for it', () => {
  assert.deepEqual(ownTimes(PROFILE, 0), [
    { where: 'draw src/page.ts:10', milliseconds: 6.5 },
    { where: '(called by none of ours)', milliseconds: 5 },
  ]);
});

test('what was before the start does not count', () => {
  assert.deepEqual(ownTimes(PROFILE, 6000), [
    { where: '(called by none of ours)', milliseconds: 5 },
    { where: 'draw src/page.ts:10', milliseconds: 2 },
  ]);
});
