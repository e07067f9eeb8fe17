import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseTracker } from '../../src/join/choose-tracker.ts';
import type { TrackedChip, TrackedProcess } from '../../src/join/tracked-chip.ts';
import type { TrackerState } from '../../src/snapshot/snapshot.ts';
import { memory } from '../support/readings.ts';

/** A tracker that sees these processes, each with a byte; a number below 0 is of one that is not proven. */
function tracker(source: string, pids: readonly number[], state: TrackerState = 'live'): TrackedChip {
  const processes = pids.map((pid): TrackedProcess => {
    const hostPid = pid < 0 ? undefined : pid;
    return {
      hostPid,
      reportedPid: Math.abs(pid),
      name: '',
      gone: false,
      bytes: memory({ dram: 1 }),
      detail: undefined,
    };
  });
  return {
    source,
    chip: { by: 'logical_id', id: 0 },
    version: '',
    state,
    readable: true,
    lastUpdateSeconds: undefined,
    totals: memory({ dram: pids.length }),
    processes,
    provable: false,
    inUse: pids.length > 0,
    slotsUsed: undefined,
    extras: undefined,
  };
}

function chosen(server: TrackedChip, region: TrackedChip): string | undefined {
  return chooseTracker([server, region], 'auto')?.source;
}

const server = (pids: readonly number[], state?: TrackerState) => tracker('allocation_server', pids, state);
const region = (pids: readonly number[], state?: TrackerState) => tracker('shared_memory', pids, state);

describe('under auto the allocation server', () => {
  it('is chosen where it sees the same processes, or others, than the regions', () => {
    assert.deepEqual(
      [
        [[1], [1]],
        [[1, 2], [1]],
        [[1], [2]],
        [
          [1, 2],
          [2, 3],
        ],
        [[], []],
      ].map(([reports = [], writes = []]) => chosen(server(reports), region(writes))),
      Array(5).fill('allocation_server'),
    );
  });

  it('is not where it sees nobody, or not all whom the regions show', () => {
    assert.deepEqual(
      [
        [[], [1]],
        [[], [-1]],
        [[1], [1, 2]],
      ].map(([reports = [], writes = []]) =>
        chosen(server(reports, reports.length === 0 ? 'idle' : 'live'), region(writes)),
      ),
      Array(3).fill('shared_memory'),
    );
  });

  it('is chosen where what the regions have beyond it is nobody that is proven', () => {
    assert.equal(chosen(server([1]), region([1, -7])), 'allocation_server');
  });

  it('gives way to whole books where it has not seen its processes from their start', () => {
    assert.equal(chosen(server([1], 'partial'), region([1])), 'shared_memory');
    assert.equal(chosen(server([1], 'partial'), region([1], 'partial')), 'allocation_server');
  });
});
