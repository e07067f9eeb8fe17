import { FIRST_LOAD_PID } from '../../src/simulator/galaxy-load.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';

/** One n150 with a few made-up processes, as folders in `root`. */
export async function createN150Load(processes: number, root: string): Promise<SimulatedHost> {
  const host = await createSimulatedHost('n150', { root });
  const path = host.regionPath(0);
  const writer = RegionWriter.open(path, { version: 4, chipId: host.chip(0).chipId, deviceId: 0 });
  for (let number = 0; number < processes; number++) {
    const pid = FIRST_LOAD_PID + number;
    writer.attach(pid, 'python3');
    for (const type of ['dram', 'l1', 'l1_small', 'trace'] as const) writer.allocate(pid, type, 4096 + 64 * number);
    writer.setCb(pid, 8192);
    const descriptors = { 0: '/dev/null', 10: '/dev/tenstorrent/0', 11: path };
    host.processes.put({ pid, comm: 'python3', startTicks: 5000 + number, descriptors }, [0]);
  }
  writer.die();
  return host;
}
