import { MEMORY_TYPES } from '../snapshot/memory-types.ts';
import type { AllocationServerSnapshot, EndedProcessSnapshot } from '../snapshot/snapshot.ts';
import type { EndedProcess } from '../sources/allocation-server/types.ts';
import type { JoinInputs } from './inputs.ts';
import { pidLabel } from './pid-label.ts';
import { ALLOCATION_SERVER } from './server-tracker.ts';

/** The server itself; undefined where it was not asked for. `deviceLabels`: labels by the server's device number. */
export function joinAllocationServer(
  inputs: Pick<JoinInputs, 'shown' | 'allocationServer' | 'processDetail'>,
  deviceLabels: ReadonlyMap<number, string>,
): AllocationServerSnapshot | undefined {
  if (!inputs.shown.has(ALLOCATION_SERVER)) return undefined;
  const reading = inputs.allocationServer;
  return {
    up: reading?.status === 'up',
    dialect: reading?.dialect ?? '',
    extension: reading?.extension === undefined ? '' : `${reading.extension}`,
    startTimeSeconds: reading?.startTimeSeconds,
    messages: reading?.messages,
    rejectedMessages: reading?.rejectedMessages,
    connections: reading?.connections,
    endedProcesses:
      inputs.processDetail === 'pid'
        ? (reading?.endedProcesses ?? []).map((process) => joinEnded(process, deviceLabels))
        : [],
  };
}

function joinEnded(process: EndedProcess, deviceLabels: ReadonlyMap<number, string>): EndedProcessSnapshot {
  return {
    pid: pidLabel(process),
    comm: process.comm,
    containerId: process.containerId ?? '',
    podUid: process.podUid ?? '',
    slurmJobId: process.slurmJobId ?? '',
    unit: process.unit ?? '',
    peaks: process.devices.flatMap(({ id, peakBytes }) => {
      const device = deviceLabels.get(id);
      if (device === undefined) return [];
      return MEMORY_TYPES.flatMap((type) => {
        const bytes = peakBytes[type];
        return bytes === undefined ? [] : [{ device, type, bytes }];
      });
    }),
  };
}
