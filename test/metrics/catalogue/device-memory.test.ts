import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import type { DeviceMemory, Snapshot } from '../../../src/snapshot/snapshot.ts';
import { bareDevice, bareMemory, bareSnapshot, memoryOf } from '../../support/rich-snapshot.ts';
import { drawChecked } from '../checking-sink.ts';

/** The samples of a family as lines, for one chip with this memory. */
function lines(name: string, memory: DeviceMemory | undefined): string[] {
  return linesOf(name, bareSnapshot({ devices: [bareDevice('0', { memory })] }));
}

function linesOf(name: string, snapshot: Snapshot): string[] {
  const family = FAMILIES.find((candidate) => candidate.name === name);
  assert.ok(family !== undefined, name);
  return drawChecked(family, snapshot).map(
    ({ labels, value }) =>
      `${Object.entries(labels)
        .map(([label, text]) => `${label}=${text}`)
        .join(' ')} ${value}`,
  );
}

describe('the memory of processes', () => {
  const memory = bareMemory({
    processes: [
      { pid: '7', bytes: memoryOf({ dram: 10, trace: 0, l1: 1, l1_small: 2, cb: 3, kernel: 4 }), detail: undefined },
      { pid: '?8', bytes: memoryOf({ l1: 0 }), detail: undefined },
    ],
  });

  it('has a series for each type that is tracked, a true 0 too', () => {
    assert.deepEqual(lines('tt_l1_allocated_bytes', memory), [
      'device=0 pid=7 type=l1 1',
      'device=0 pid=7 type=l1_small 2',
      'device=0 pid=7 type=cb 3',
      'device=0 pid=7 type=kernel 4',
      'device=0 pid=?8 type=l1 0',
    ]);
    assert.deepEqual(lines('tt_dram_allocated_bytes', memory), [
      'device=0 pid=7 type=dram 10',
      'device=0 pid=7 type=trace 0',
    ]);
  });

  it('is absent where the tracker gives totals only, or nothing', () => {
    assert.deepEqual(lines('tt_l1_allocated_bytes', bareMemory()), []);
    assert.deepEqual(lines('tt_l1_allocated_bytes', undefined), []);
  });
});

describe('orphaned bytes', () => {
  const totals = memoryOf({ dram: 100, trace: 0, l1: 50, cb: 0 });

  it('are absent where nothing can be proven', () => {
    assert.deepEqual(lines('tt_l1_orphaned_bytes', bareMemory({ totals })), []);
  });

  it('are 0 with an empty pid for each tracked type where it is proven that there are none', () => {
    const memory = bareMemory({ totals, orphaned: [] });
    assert.deepEqual(lines('tt_l1_orphaned_bytes', memory), ['device=0 pid= type=l1 0', 'device=0 pid= type=cb 0']);
    assert.deepEqual(lines('tt_dram_orphaned_bytes', memory), [
      'device=0 pid= type=dram 0',
      'device=0 pid= type=trace 0',
    ]);
  });

  it('have a series for each owner that holds some, and the empty one for the other types only', () => {
    const orphaned = [
      { pid: '?5', bytes: memoryOf({ dram: 100, trace: 0, l1: 0, cb: 0 }) },
      { pid: '?6', bytes: memoryOf({ dram: 7, trace: 0, l1: 9, cb: 0 }) },
    ];
    const memory = bareMemory({ totals, orphaned });
    assert.deepEqual(lines('tt_dram_orphaned_bytes', memory), [
      'device=0 pid=?5 type=dram 100',
      'device=0 pid=?6 type=dram 7',
      'device=0 pid= type=trace 0',
    ]);
    assert.deepEqual(lines('tt_l1_orphaned_bytes', memory), ['device=0 pid=?6 type=l1 9', 'device=0 pid= type=cb 0']);
  });
});

describe('trackers', () => {
  it('are in one state of ten', () => {
    const trackers = [{ source: 'shared_memory', state: 'ghost', lastUpdateSeconds: undefined }] as const;
    const snapshot = bareSnapshot({ devices: [bareDevice('0', { trackers })] });
    const drawn = linesOf('tt_memory_tracker_state', snapshot);
    assert.equal(drawn.length, 10);
    assert.deepEqual(
      drawn.filter((line) => !line.endsWith(' 0')),
      ['device=0 source=shared_memory state=ghost 1'],
    );
  });

  it('have no regions in any state where there is none, and no number where regions were not read', () => {
    const empty = bareSnapshot({ devices: [bareDevice('0', { regions: new Map() })] });
    const drawn = linesOf('tt_memory_regions', empty);
    assert.equal(drawn.length, 9);
    assert.ok(drawn.every((line) => line.endsWith(' 0')));
    assert.deepEqual(linesOf('tt_memory_regions', bareSnapshot({ devices: [bareDevice('0')] })), []);
  });
});
