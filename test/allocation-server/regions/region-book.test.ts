import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RegionBook } from '../../../src/allocation-server/regions/region-book.ts';
import type { SeenRegion, SeenSlot, SlotOwner } from '../../../src/allocation-server/regions/types.ts';
import type { MemoryBytes } from '../../../src/snapshot/memory-types.ts';
import { memory } from '../../support/readings.ts';

const GROUP = { unit: 'job.service', containerId: undefined, podUid: 'pod-1', slurmJobId: undefined };

function owner(pid: number, startTicks = 100): SlotOwner {
  const stat = { comm: `job${pid}`, state: 'S', parentPid: 1, threads: 1, startTicks };
  return { process: { pid, stat, namespacePids: [pid, 17], uid: 0, group: GROUP }, startSeconds: startTicks };
}

function slot(of: SlotOwner | undefined, bytes: Partial<MemoryBytes>, part: Partial<SeenSlot> = {}): SeenSlot {
  return { key: '1:2 17', pid: 17, bytes: memory(bytes), lastUpdateSeconds: 1000, owner: of, ...part };
}

function region(chipId: bigint, totals: Partial<MemoryBytes>, slots: readonly SeenSlot[]): SeenRegion {
  return { chipId, totals: memory(totals), lastUpdateSeconds: 1000, slots };
}

/** A book, and the processes that have ended by now. */
function book(): { book: RegionBook; end: (pid: number) => void } {
  const ended = new Set<number>();
  return { book: new RegionBook((pid) => ended.has(pid)), end: (pid) => ended.add(pid) };
}

const A = owner(40);
const B = owner(41);

describe('what is kept of watched regions', () => {
  it('is the peak of a chip and of each process, each type for itself, over all regions of the chip', () => {
    const { book: kept } = book();
    const looks: [number, number][] = [
      [100, 5],
      [40, 90],
      [60, 60],
    ];
    for (const [at, [first, second]] of looks.entries()) {
      const a = slot(A, { dram: first, l1: second });
      const b = slot(A, { dram: 10 }, { key: '1:3 17', lastUpdateSeconds: 1000 + at });
      kept.take({
        seconds: at,
        regions: [region(7n, { dram: first, l1: second }, [a]), region(7n, { dram: 10 }, [b])],
      });
    }
    assert.deepEqual(kept.evidence(), {
      regions: [
        {
          chipId: '7',
          peakBytes: { dram: 110, l1: 90 },
          lastUpdateSeconds: 1000,
          processes: [
            {
              pid: 17,
              hostPid: 40,
              startSeconds: 100,
              liveBytes: { dram: 70, l1: 60 },
              peakBytes: { dram: 110, l1: 90 },
              lastActivitySeconds: 1002,
            },
          ],
        },
      ],
      endedProcesses: [],
    });
  });

  it('says of a process that ended what it had at most, and what it left behind', () => {
    const { book: kept, end } = book();
    const b = slot(B, { dram: 30 }, { key: '1:2 18', pid: 18 });
    kept.take({ seconds: 1, regions: [region(7n, { dram: 130 }, [slot(A, { dram: 100 }), b])] });
    end(40);
    end(41);
    // The slot of the one stays with its bytes and nobody owns it; the other has given its own back.
    kept.take({ seconds: 2, regions: [region(7n, { dram: 100 }, [slot(undefined, { dram: 100 })])] });
    const common = { startSeconds: 100, endedSeconds: 2, podUid: 'pod-1', unit: 'job.service', devices: [] };
    assert.deepEqual(kept.evidence(), {
      regions: [{ chipId: '7', peakBytes: { dram: 130 }, lastUpdateSeconds: 1000, processes: [] }],
      endedProcesses: [
        {
          pid: 17,
          hostPid: 40,
          comm: 'job40',
          ...common,
          regions: [{ chipId: '7', peakBytes: { dram: 100 }, heldBytes: { dram: 100 } }],
        },
        {
          pid: 18,
          hostPid: 41,
          comm: 'job41',
          ...common,
          regions: [{ chipId: '7', peakBytes: { dram: 30 }, heldBytes: { dram: 0 } }],
        },
      ],
    });
  });

  it('takes a process that has let go of its regions for alive while it is', () => {
    const { book: kept, end } = book();
    kept.take({ seconds: 1, regions: [region(7n, { dram: 100 }, [slot(A, { dram: 100 })])] });
    kept.take({ seconds: 2, regions: [] });
    const [chip] = kept.evidence().regions;
    assert.deepEqual(
      chip?.processes.map(({ liveBytes, peakBytes }) => [liveBytes, peakBytes]),
      [[{ dram: 0 }, { dram: 100 }]],
    );
    end(40);
    kept.take({ seconds: 3, regions: [] });
    assert.deepEqual(
      kept.evidence().endedProcesses.map(({ hostPid, regions }) => [hostPid, regions?.[0]?.heldBytes]),
      [[40, { dram: 0 }]],
    );
  });

  it('leaves to the next look whether one that ends during a look has left its slot behind', () => {
    const { book: kept, end } = book();
    end(40);
    kept.take({ seconds: 1, regions: [region(7n, { dram: 100 }, [slot(A, { dram: 100 })])] });
    assert.deepEqual(kept.evidence().endedProcesses, []);
    kept.take({ seconds: 2, regions: [region(7n, {}, [])] });
    assert.deepEqual(
      kept.evidence().endedProcesses.map(({ regions }) => regions),
      [[{ chipId: '7', peakBytes: { dram: 100 }, heldBytes: { dram: 0 } }]],
    );
  });

  it('charges the dead with nothing that a process with the same number has taken over', () => {
    const { book: kept, end } = book();
    kept.take({ seconds: 1, regions: [region(7n, { dram: 100 }, [slot(A, { dram: 100 })])] });
    end(40);
    kept.take({ seconds: 2, regions: [region(7n, { dram: 100 }, [slot(owner(40, 900), { dram: 100 })])] });
    const { regions, endedProcesses } = kept.evidence();
    assert.deepEqual(
      [
        endedProcesses.map(({ startSeconds, regions: left }) => [startSeconds, left?.[0]?.heldBytes]),
        regions[0]?.processes[0]?.startSeconds,
      ],
      [[[100, { dram: 0 }]], 900],
    );
  });

  it('forgets the dead after 15 minutes', () => {
    const { book: kept, end } = book();
    kept.take({ seconds: 1, regions: [region(7n, { dram: 1 }, [slot(A, { dram: 1 })])] });
    end(40);
    kept.take({ seconds: 2, regions: [] });
    kept.take({ seconds: 902, regions: [] });
    assert.equal(kept.evidence().endedProcesses.length, 1);
    kept.take({ seconds: 903, regions: [] });
    assert.deepEqual(kept.evidence().endedProcesses, []);
  });

  it('keeps no more chips and processes than a host can have, whatever a tenant makes up', () => {
    const { book: kept } = book();
    const many = Array.from({ length: 3000 }, (_, index) => {
      const key = `1:${index} 17`;
      return region(BigInt(index), { dram: 1 }, [slot(owner(1000 + index), { dram: 1 }, { key })]);
    });
    kept.take({ seconds: 1, regions: many });
    const { regions } = kept.evidence();
    assert.equal(regions.length, 256);
    assert.ok(regions.every(({ processes }) => processes.length === 1));
  });
});
