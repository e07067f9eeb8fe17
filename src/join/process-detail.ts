import { addMemory, holdsMemory, noMemory } from '../snapshot/memory-types.ts';
import type { DeviceMemory, DeviceSnapshot } from '../snapshot/snapshot.ts';
import { OTHER, foldProcesses } from './fold-processes.ts';
import type { JoinInputs } from './inputs.ts';

/** Devices with as much of single processes as is to be shown. */
export interface LimitedDevices {
  readonly devices: readonly DeviceSnapshot[];
  /** Processes that are part of `other` on at least one device, because there are too many. */
  readonly folded: number;
}

/** Leaves out or folds what `--process.detail` and `--memory.max-processes` do not want shown. Sums stay as they are. */
export function limitDetail(
  devices: readonly DeviceSnapshot[],
  { processDetail, processBudget, shown }: Pick<JoinInputs, 'processDetail' | 'processBudget' | 'shown'>,
): LimitedDevices {
  switch (processDetail) {
    case 'pid': {
      const round = processBudget.startRound(shown);
      const folded = new Set<string>();
      return { devices: devices.map((device) => foldProcesses(device, round, folded)), folded: folded.size };
    }
    case 'workload':
      return { devices: devices.map((device) => withoutPids(device, device.memory?.orphaned)), folded: 0 };
    case 'none':
      return { devices: devices.map((device) => withoutPids(device, sumOfOwners(device.memory?.orphaned))), folded: 0 };
  }
}

/** Every pid label that occurs in the numbers of these devices. */
export function occurringPids(devices: readonly DeviceSnapshot[]): Set<string> {
  const pids = new Set<string>();
  for (const { memory, holders } of devices) {
    for (const { pid } of memory?.processes ?? []) pids.add(pid);
    for (const { pid } of holders?.byPid ?? []) pids.add(pid);
    for (const { pid, bytes } of memory?.orphaned ?? []) if (holdsMemory(bytes)) pids.add(pid);
  }
  return pids;
}

function withoutPids(device: DeviceSnapshot, orphaned: DeviceMemory['orphaned']): DeviceSnapshot {
  const { memory, holders } = device;
  return {
    ...device,
    memory: memory && { ...memory, processes: undefined, orphaned },
    holders: holders && { ...holders, byPid: [] },
  };
}

function sumOfOwners(orphaned: DeviceMemory['orphaned']): DeviceMemory['orphaned'] {
  if (orphaned === undefined || orphaned.length === 0) return orphaned;
  const bytes = noMemory();
  for (const owner of orphaned) addMemory(bytes, owner.bytes);
  return [{ pid: OTHER, bytes }];
}
