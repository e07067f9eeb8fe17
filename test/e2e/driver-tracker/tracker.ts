import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TrackedChip, TrackedProcess } from '../../../src/join/tracked-chip.ts';
import { addMemory, noMemory } from '../../../src/snapshot/memory-types.ts';
import type { Source } from '../../../src/sources/source.ts';
import type { TrackerSource } from '../../../src/sources/tracker-source.ts';

/**
 * A tracker as a kernel driver with numbers of its own would make it possible:
 * `tenstorrent!N/processes/<pid>/{dram,l1}_allocated`. No driver has these files yet; it shows that a third tracker is
 * one folder, and one line where the trackers are listed.
 */
export const driverTracker: TrackerSource = {
  name: 'driver',
  help: 'Memory of processes as the kernel driver counts it.',
  create: ({ config }): Source<readonly TrackedChip[]> => ({
    name: 'driver',
    start: () => {
      const data = readDevices(join(config.sysfsPath, 'class/tenstorrent'));
      const outcome = data.length === 0 ? 'no_data' : 'ok';
      return { done: Promise.resolve(), state: () => ({ outcome, data, errors: [], durationSeconds: 0 }) };
    },
    close: () => Promise.resolve(),
  }),
};

function readDevices(folder: string): TrackedChip[] {
  return readdirSync(folder).flatMap((name) => {
    const index = /^tenstorrent!(\d+)$/u.exec(name)?.[1];
    return index === undefined ? [] : [trackDevice(Number(index), join(folder, name, 'processes'))];
  });
}

function trackDevice(index: number, folder: string): TrackedChip {
  const processes = readdirSync(folder).map((pid) => trackProcess(Number(pid), join(folder, pid)));
  const totals = noMemory();
  for (const { bytes } of processes) addMemory(totals, bytes);
  return {
    source: 'driver',
    chip: { by: 'driver_index', index },
    version: '1',
    state: processes.length === 0 ? 'idle' : 'live',
    readable: true,
    lastUpdateSeconds: undefined,
    totals,
    processes,
    provable: true,
    inUse: processes.length > 0,
    slotsUsed: undefined,
    extras: undefined,
  };
}

function trackProcess(pid: number, folder: string): TrackedProcess {
  const read = (name: string) => Number(readFileSync(join(folder, name), 'latin1'));
  const bytes = { ...noMemory(), dram: read('dram_allocated'), l1: read('l1_allocated') };
  return { hostPid: pid, reportedPid: pid, name: '', gone: false, bytes, detail: undefined };
}
