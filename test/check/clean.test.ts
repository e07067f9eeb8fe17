import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NO_BASELINE, parseBaseline } from '../../src/check/baseline.ts';
import { cleanVerdict } from '../../src/check/clean-verdict.ts';
import { viewOfSnapshot } from '../../src/host-view/from-snapshot.ts';
import type { HostView } from '../../src/host-view/types.ts';
import { smiDocument } from '../../src/smi/document.ts';
import type { DeviceSnapshot, ProcessSnapshot } from '../../src/snapshot/snapshot.ts';
import type { TrackerState } from '../../src/snapshot/snapshot.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot, memoryOf, richCard } from '../support/rich-snapshot.ts';

const NOBODY = { descriptors: 0, invisible: 0, byPid: [] };
const MIB = 2 ** 20;

function view(
  device: Partial<DeviceSnapshot>,
  processes: readonly ProcessSnapshot[] = [],
  failed: readonly string[] = [],
): HostView {
  return viewOfSnapshot(
    bareSnapshot({
      devices: [bareDevice('0', { card: richCard(), holders: NOBODY, ...device })],
      processes,
      collectors: failed.map((name) => ({ name, outcome: 'failed', durationSeconds: 0 })),
    }),
  );
}

function charged(pid: string, part: Partial<ProcessSnapshot> = {}, orphaned = false, mebibytes = 5): HostView {
  const bytes = memoryOf({ dram: mebibytes * MIB });
  const memory = bareMemory({
    totals: bytes,
    processes: [{ pid, bytes, detail: undefined }],
    unattributed: memoryOf({ dram: 0 }),
    orphaned: orphaned ? [{ pid, bytes }] : [],
  });
  return view({ memory }, [bareProcess(pid, part)]);
}

/** The status and the reasons' texts. */
function verdict(host: HostView, baseline = NO_BASELINE): string[] {
  const { status, reasons } = cleanVerdict(host, baseline);
  return [status, ...reasons.map((reason) => `${reason.status}: ${reason.text}`)];
}

describe('a chip is', () => {
  it('clean where nobody holds it and no bytes are charged', () => {
    assert.deepEqual(verdict(view({})), ['clean']);
    const memory = bareMemory({
      totals: memoryOf({ dram: 0, l1: 0 }),
      processes: [],
      orphaned: [],
      unattributed: memoryOf({ dram: 0 }),
    });
    assert.deepEqual(verdict(view({ memory, trackers: [{ source: 's', state: 'idle', lastUpdateSeconds: 1 }] })), [
      'clean',
    ]);
  });

  it('held by who has it open, who lives and is charged, and who cannot be seen', () => {
    const holders = { descriptors: 2, invisible: 0, byPid: [{ pid: '12', descriptors: 2 }] };
    assert.deepEqual(verdict(view({ holders }, [bareProcess('12', { comm: 'pytest' })])), [
      'held',
      'held: chip 0: process 12 (pytest) holds it, nothing charged',
    ]);
    assert.deepEqual(verdict(charged('12', { alive: true })), [
      'held',
      'held: chip 0: 5 MiB charged to process 12, which lives',
    ]);
    assert.deepEqual(verdict(view({ holders: { descriptors: 3, invisible: 3, byPid: [] } })), [
      'held',
      'held: chip 0: processes that cannot be seen here hold it (3 descriptors)',
    ]);
  });

  it('orphaned where bytes are left of who is gone, which goes before all else', () => {
    assert.deepEqual(verdict(charged('?17', { alive: false }, true)), [
      'orphaned',
      'orphaned: chip 0: 5 MiB left by process ?17, which is gone',
    ]);
    const both = { ...charged('?17', {}, true), failedCollectors: ['sysfs'] };
    assert.equal(verdict(both)[0], 'orphaned');
  });

  it('unknown where not everything could be seen', () => {
    assert.deepEqual(verdict(charged('?17')), [
      'unknown',
      'unknown: chip 0: 5 MiB charged to process ?17, and whether it lives cannot be known',
    ]);
    assert.deepEqual(verdict(view({ holders: undefined })), ['unknown', 'unknown: chip 0: who holds it is not told']);
    assert.deepEqual(verdict(view({}, [], ['procfs', 'kubernetes'])), [
      'unknown',
      'unknown: procfs could not be read: tenstorrent-exporter check says why',
    ]);
    assert.deepEqual(verdict(viewOfSnapshot(bareSnapshot())), ['unknown', 'unknown: no chip is found']);
    for (const state of ['unreadable', 'unsupported', 'untrusted', 'initializing'] satisfies TrackerState[]) {
      const trackers = [{ source: 'shared_memory', state, lastUpdateSeconds: undefined }];
      assert.deepEqual(verdict(view({ trackers })), [
        'unknown',
        `unknown: chip 0: its memory cannot be read: shared_memory is ${state}`,
      ]);
    }
  });

  it('unknown where bytes are charged to nobody, also by a tracker of totals only', () => {
    const said = ['unknown', 'unknown: chip 0: 1 KiB are charged, and not said to whom'];
    assert.deepEqual(verdict(view({ memory: bareMemory({ totals: memoryOf({ l1: 1024 }) }) })), said);
    const memory = bareMemory({ totals: memoryOf({ l1: 1024 }), processes: [], unattributed: memoryOf({ l1: 1024 }) });
    assert.deepEqual(verdict(view({ memory })), said);
  });
});

describe('a baseline', () => {
  const baselineOf = (host: HostView) => parseBaseline(JSON.stringify(smiDocument(host)));

  it('excuses what was there before, and nothing more', () => {
    const leak = charged('?17', {}, true);
    assert.deepEqual(verdict(leak, baselineOf(leak)), ['clean']);
    assert.deepEqual(verdict(charged('?17', {}, true, 7), baselineOf(leak)), [
      'orphaned',
      'orphaned: chip 0: 2 MiB left by process ?17, which is gone',
    ]);
    const nobodys = view({ memory: bareMemory({ processes: [], unattributed: memoryOf({ l1: 9 }) }) });
    assert.deepEqual(verdict(nobodys, baselineOf(nobodys)), ['clean']);
  });

  it('knows a process by its start: a PID that is used again is another', () => {
    const before = charged('12', { alive: true, startTimeSeconds: 1000 });
    assert.deepEqual(verdict(charged('12', { alive: true, startTimeSeconds: 1001 }, false, 99), baselineOf(before)), [
      'clean',
    ]);
    assert.equal(verdict(charged('12', { alive: true, startTimeSeconds: 2000 }), baselineOf(before))[0], 'held');
    assert.equal(verdict(charged('12', { alive: true }), baselineOf(before))[0], 'held');
  });

  it('is refused where it is something else, in one line', () => {
    assert.throws(() => parseBaseline('no'), { message: 'is no JSON: make it with smi --json > FILE' });
    for (const text of ['{}', 'null', '[]', '{"schema":"tenstorrent-exporter/smi","schema_version":2}']) {
      assert.throws(() => parseBaseline(text), /is no answer of smi --json, version 1/);
    }
  });

  it('may have anything in it', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (devices, processes) => {
        const text = JSON.stringify(
          { schema: 'tenstorrent-exporter/smi', schema_version: 1, devices, processes },
          (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
        );
        assert.equal(Number.isNaN(parseBaseline(text).bytes('1', '0')), false);
      }),
    );
  });
});
