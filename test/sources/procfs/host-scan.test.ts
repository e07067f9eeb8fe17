import { describe, it, test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { scanHost } from '../../../src/sources/procfs/host-scan.ts';
import { Pace } from '../../../src/sources/procfs/pace.ts';
import { scanTarget } from '../../../src/sources/procfs/scan-target.ts';
import type { HostScan } from '../../../src/sources/procfs/host-scan.ts';
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

describe('a process of which something could not be read', () => {
  /** Tells when it is asked, so that a process can change between two of its descriptors. */
  class WatchedPace extends Pace {
    asked = 0;
    readonly #onAsked: (times: number) => void;

    constructor(deadline: Deadline, onAsked: (times: number) => void) {
      super(deadline);
      this.#onAsked = onAsked;
    }

    override due(): boolean {
      this.#onAsked(++this.asked);
      return super.due();
    }
  }

  /** A scan of one process with two descriptors that are no links; `then` happens when that has been seen. */
  async function scanWhile(t: TestContext, then: (folder: string) => void): Promise<HostScan> {
    const proc = fakeProc(t);
    proc.put({ pid: 7, descriptors: { 0: '/dev/null' } });
    const folder = `${proc.root}/7`;
    writeFileSync(`${folder}/fd/1`, '');
    writeFileSync(`${folder}/fd/2`, '');
    const deadline = Deadline.after(10_000);
    const view = { real: false, initial: true, nested: false, ownPid: process.pid };
    // Asked before the list of descriptors, and before each of them.
    const pace = new WatchedPace(deadline, (times) => {
      if (times === 4) then(folder);
    });
    const scan = await scanHost(proc.root, view, scanTarget([], false), pace);
    assert.ok(pace.asked >= 4);
    deadline.dispose();
    return scan;
  }

  it('costs nothing where it has ended since', async (t) => {
    const scan = await scanWhile(t, (folder) => {
      rmSync(folder, { recursive: true });
    });
    assert.deepEqual([scan.unseen, scan.finished], [undefined, true]);
  });

  it('costs nothing where it can be read a moment later, as of one that is about to end', async (t) => {
    const scan = await scanWhile(t, (folder) => {
      for (const descriptor of [1, 2]) rmSync(`${folder}/fd/${descriptor}`);
    });
    assert.deepEqual([scan.unseen, scan.scanned.has(7)], [undefined, true]);
  });

  it('is told of where that lasts', async (t) => {
    const scan = await scanWhile(t, () => undefined);
    assert.match(scan.unseen ?? '', /\/7: could not be looked through$/);
  });
});
