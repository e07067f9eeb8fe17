import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RegionWatch } from '../../../src/allocation-server/regions/region-watch.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import { startWorkload } from '../../../src/simulator/workload.ts';
import { eventually } from '../../support/eventually.ts';

it('a thread watches the regions of processes that live, leave and are killed', async () => {
  const host = await createSimulatedHost('n300');
  const problems: string[] = [];
  const { shm, procfs, sysfs } = host;
  const watch = new RegionWatch({ shm, procfs, sysfs, periodMs: 50, log: (problem) => problems.push(problem) });
  try {
    const stays = await startWorkload(host, { name: 'stays', chips: [0, 1] });
    const leaves = await startWorkload(host, { name: 'leaves', chips: [0] });
    const killed = await startWorkload(host, { name: 'killed', chips: [0] });
    await stays.hold(0, { dram: 3000 });
    await stays.hold(1, { dram: 70, cb: 5 });
    await leaves.hold(0, { dram: 500 });
    await killed.hold(0, { l1: 40 });
    const chips = [0, 1].map((id) => `${host.chip(id).chipId}`);
    const peaks = () => watch.evidence?.regions.map(({ chipId, peakBytes }) => [chipId, peakBytes.dram, peakBytes.l1]);
    await eventually(
      'the peaks of both chips',
      () =>
        JSON.stringify(peaks()?.sort()) ===
        JSON.stringify(
          [
            [chips[0], 3500, 40],
            [chips[1], 70, 0],
          ].sort(),
        ),
    );
    await stays.hold(0, { dram: 1000 });
    await leaves.stop();
    await killed.kill();
    const ended = await eventually(
      'both ends',
      () => watch.evidence?.endedProcesses.length === 2 && watch.evidence.endedProcesses,
    );
    assert.deepEqual(
      ended
        .map(({ hostPid, comm, devices, regions }) => ({ hostPid, comm, devices, regions }))
        .sort((a, b) => (a.comm ?? '').localeCompare(b.comm ?? '')),
      [
        {
          hostPid: killed.pid,
          comm: 'killed',
          devices: [],
          regions: [
            {
              chipId: chips[0],
              peakBytes: { dram: 0, trace: 0, l1: 40, l1_small: 0, cb: 0 },
              heldBytes: { dram: 0, trace: 0, l1: 40, l1_small: 0, cb: 0 },
            },
          ],
        },
        {
          hostPid: leaves.pid,
          comm: 'leaves',
          devices: [],
          regions: [
            {
              chipId: chips[0],
              peakBytes: { dram: 500, trace: 0, l1: 0, l1_small: 0, cb: 0 },
              heldBytes: { dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 0 },
            },
          ],
        },
      ],
    );
    const living = await eventually('what is left', () => {
      const chip = watch.evidence?.regions.find(({ chipId }) => chipId === chips[0]);
      return chip?.processes[0]?.liveBytes.dram === 1000 && chip;
    });
    assert.deepEqual(
      [
        living.peakBytes.dram,
        living.processes.map(({ hostPid, liveBytes, peakBytes }) => [hostPid, liveBytes.dram, peakBytes.dram]),
      ],
      [3500, [[stays.pid, 1000, 3000]]],
    );
    assert.deepEqual(problems, []);
  } finally {
    await watch.close();
    await host.close();
  }
});
