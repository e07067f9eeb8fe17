import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { viewOfPage } from '../../src/host-view/from-page.ts';
import { viewOfSnapshot } from '../../src/host-view/from-snapshot.ts';
import { readPage } from '../../src/host-view/page-samples.ts';
import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../src/metrics/encode/page-encoder.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot, memoryOf, richSnapshot } from '../support/rich-snapshot.ts';

function pageOf(snapshot: Snapshot, format: 'text' | 'openmetrics'): string {
  const options = { format, ownFamilies: new Uint8Array(), ownSeries: 0 };
  return Buffer.from(new PageEncoder(FAMILIES_WITH_USER).encode(snapshot, options).body).toString();
}

/** A leak, a process whose number is not proven, and one that holds a chip and reports nothing. */
function leakySnapshot(): Snapshot {
  const lost = memoryOf({ dram: 640, l1: 7 });
  return bareSnapshot({
    missingRights: ['CAP_SYS_PTRACE'],
    maintenance: true,
    devicesExpected: 2,
    devices: [
      bareDevice('1R', {
        gateway: '1',
        memory: bareMemory({
          totals: memoryOf({ dram: 1000, trace: 0, l1: 7 }),
          processes: [
            { pid: '12', bytes: memoryOf({ dram: 300, trace: 0, l1: 0 }), detail: undefined },
            { pid: '?17', bytes: lost, detail: undefined },
          ],
          unattributed: memoryOf({ dram: 60 }),
          orphaned: [{ pid: '?17', bytes: lost }],
        }),
        trackers: [{ source: 'shared_memory', state: 'ghost', lastUpdateSeconds: undefined }],
        holders: {
          descriptors: 3,
          invisible: 1,
          byPid: [{ pid: '13', descriptors: 2 }],
        },
      }),
    ],
    processes: [
      bareProcess('12', {
        comm: 'a"b\\',
        slurmJobId: '9',
        user: 'me',
        alive: true,
        startTimeSeconds: 1_789_999_000.25,
      }),
      bareProcess('13', { podName: 'pod', podNamespace: 'ns', podUid: 'uid' }),
      bareProcess('?17', { alive: false }),
    ],
    collectors: [
      { name: 'sysfs', outcome: 'running', durationSeconds: 1 },
      { name: 'procfs', outcome: 'ok', durationSeconds: 1 },
    ],
  });
}

describe('the view of a page', () => {
  for (const format of ['text', 'openmetrics'] as const) {
    it(`is the view of the snapshot that the page was drawn from: ${format}`, () => {
      for (const snapshot of [richSnapshot(), leakySnapshot(), bareSnapshot()]) {
        const view = viewOfPage(readPage(pageOf(snapshot, format)), snapshot.takenAtSeconds);
        assert.deepEqual(view, viewOfSnapshot(snapshot));
      }
    });
  }
});
