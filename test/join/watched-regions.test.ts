import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinSnapshot } from '../../src/join/snapshot.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import type { AllocationServerReading } from '../../src/sources/allocation-server/types.ts';
import { hostProcess, memory, procfs, region, server, serverDevice, slot } from '../support/readings.ts';
import { joinInputs } from '../support/join-inputs.ts';

const CHIP = 900n;
const WATCHED = {
  chipId: CHIP,
  peakBytes: memory({ dram: 5000, l1: 10 }),
  lastActivitySeconds: new Map([[50, 1234.5]]),
};
const LABEL = '0x0000000000000384';

function join(reading: AllocationServerReading): Omit<Snapshot, 'collectors' | 'readErrors'> {
  const found = region(CHIP, { dram: 100, l1: 30 }, [slot(50, { dram: 60 }), slot(51, { dram: 40, l1: 30 })]);
  return joinSnapshot(
    joinInputs({
      procfs: procfs({
        processes: [hostProcess(50), hostProcess(51)],
        held: [{ file: found.file, pids: [50, 51] }],
      }),
      sharedMemory: { regions: [found] },
      allocationServer: reading,
    }),
  ).snapshot;
}

describe('what a server has seen in the regions', () => {
  it('adds peaks and last activity to a chip whose numbers are from its regions, and no bytes', () => {
    const [device] = join(server([], { watchedChips: [WATCHED] })).devices;
    const { source, totals, peakBytes, processes } = device?.memory ?? {};
    assert.deepEqual(
      { source, totals, peakBytes, processes: processes?.map(({ pid, bytes, detail }) => [pid, bytes.dram, detail]) },
      {
        source: 'shared_memory',
        totals: memory({ dram: 100, l1: 30 }),
        // The region has more L1 now than the server has seen by then.
        peakBytes: memory({ dram: 5000, l1: 30 }),
        processes: [
          [
            '50',
            60,
            {
              hostBytes: undefined,
              liveBuffers: memory({}),
              oldestBufferSeconds: undefined,
              lastActivitySeconds: 1234.5,
              cbMaxCoreBytes: undefined,
            },
          ],
          ['51', 40, undefined],
        ],
      },
    );
  });

  it('says nothing of a chip whose numbers are what processes report', () => {
    const reported = serverDevice(0, { dram: 7 }, { processes: [] });
    const { devices } = join(server([reported], { watchedChips: [{ ...WATCHED, chipId: 901n }] }));
    assert.deepEqual(
      devices.map(({ memory: numbers }) => [numbers?.source, numbers?.peakBytes]),
      [
        ['allocation_server', undefined],
        ['shared_memory', undefined],
      ],
    );
  });

  it('shows what a process that has ended had on the chip of its regions', () => {
    const ended = {
      reportedPid: 17,
      hostPid: 60,
      comm: 'gone',
      startTimeSeconds: undefined,
      endedSeconds: 1990,
      containerId: undefined,
      podUid: undefined,
      slurmJobId: undefined,
      unit: undefined,
      devices: [{ id: 0, peakBytes: memory({ dram: 4 }) }],
      regions: [
        { chipId: CHIP, peakBytes: memory({ dram: 77 }) },
        { chipId: 12n, peakBytes: memory({ dram: 88 }) },
      ],
    };
    const { allocationServer } = join(server([], { endedProcesses: [ended] }));
    assert.deepEqual(
      allocationServer?.endedProcesses.map(({ pid, peaks }) => [pid, peaks]),
      [['60', [{ device: LABEL, type: 'dram', bytes: 77 }]]],
    );
  });
});
