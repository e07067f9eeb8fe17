import { join } from 'node:path';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';

const MIB = 1024 * 1024;
/** 2026-01-01T00:00:00Z */
const NOW_NS = 1767225600n * 1_000_000_000n;
/** Ten minutes before: what a process has to have for its slot to be its own. */
export const BOOT_TIME = 1767225000;

/** PIDs that no process of the test machine is likely to have. */
const FIRST_PID = 3_000_001;

/**
 * Gives a simulated host the same memory on every run: a region a chip, in layouts 3 and 4 by turns, held by one made-up
 * process (which lives in a namespace where it has another PID on every second chip), with the slot of a process that
 * has been killed on the first.
 */
export function populateHost(host: SimulatedHost): void {
  host.chips.forEach((chip, index) => {
    const pid = FIRST_PID + index;
    const inner = index % 2 === 0 ? pid : 17;
    const path = host.regionPath(index);
    const region = RegionWriter.open(path, {
      version: index % 2 === 0 ? 3 : 4,
      chipId: chip.chipId,
      deviceId: index,
      now: () => NOW_NS,
    });
    region.attach(inner, 'python3');
    region.allocate(inner, 'dram', (index + 1) * 64 * MIB);
    region.allocate(inner, 'l1', (index + 1) * MIB);
    region.setCb(inner, 4096 * (index + 1));
    if (index === 0) {
      region.attach(999_999, 'killed');
      region.allocate(999_999, 'dram', 5 * MIB);
    }
    region.die();
    const driverIndex = host.card(chip.card).driverIndex;
    const device = driverIndex === undefined ? {} : { 11: join('/dev/tenstorrent', `${driverIndex}`) };
    host.processes.put(
      {
        pid,
        namespacePids: inner === pid ? [pid] : [pid, inner],
        comm: 'python3',
        startTicks: 100 + index,
        descriptors: { 0: '/dev/null', 10: path, ...device },
      },
      driverIndex === undefined ? [] : [driverIndex],
    );
  });
}
