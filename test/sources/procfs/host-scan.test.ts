import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Deadline } from '../../../src/collect/deadline.ts';
import { scanHost } from '../../../src/sources/procfs/host-scan.ts';
import { Pace } from '../../../src/sources/procfs/pace.ts';
import { scanTarget } from '../../../src/sources/procfs/scan-target.ts';
import { fakeProc } from './proc-fixture.ts';

test('a procfs that hides processes is not seen through, even if nothing is refused', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 7 });
  const deadline = Deadline.after(10_000);
  const view = { real: true, initial: true, nested: false, ownPid: process.pid };
  const scan = () => scanHost(proc.root, view, scanTarget([], true), new Pace(deadline));
  const hidden = await scan();
  assert.deepEqual([hidden.finished, hidden.unseen], [true, `${proc.root}: does not list every process`]);
  proc.put({ pid: 1 });
  const { found, finished, unseen, scanned } = await scan();
  assert.deepEqual({ found, finished, unseen }, { found: [], finished: true, unseen: undefined });
  assert.deepEqual([...scanned.keys()].sort(), [1, 7, process.pid].sort());
  deadline.dispose();
});
