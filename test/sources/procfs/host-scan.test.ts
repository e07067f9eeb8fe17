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
  const nobodyElse = { found: [], finished: true, pids: new Set([process.pid, 7]) };
  assert.deepEqual(await scan(), { ...nobodyElse, unseen: `${proc.root}: does not list every process` });
  proc.put({ pid: 1 });
  assert.deepEqual(await scan(), { ...nobodyElse, pids: new Set([process.pid, 7, 1]), unseen: undefined });
  deadline.dispose();
});
