import { MEMORY_TYPES } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { AllocationServerSnapshot, EndedProcessSnapshot } from '../snapshot/snapshot.ts';
import type { EndedProcess } from '../sources/allocation-server/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import type { JoinInputs } from './inputs.ts';
import type { MixedNumbers } from './mixed-numbers.ts';
import type { OwnNumbers } from './own-numbers.ts';
import { pidLabel } from './pid-label.ts';
import { ALLOCATION_SERVER } from './server-tracker.ts';

/** The labels of devices by the server's device number, and by the number in the names of a chip's regions. */
export interface DeviceLabels {
  readonly byId: ReadonlyMap<number, string>;
  readonly byChip: ReadonlyMap<bigint, string>;
  readonly ofCard: (card: Card, remote: boolean) => string;
}

/** The server itself; undefined where it was not asked for. */
export function joinAllocationServer(
  inputs: Pick<JoinInputs, 'shown' | 'allocationServer' | 'processDetail' | 'mixedNumbers'>,
  labels: DeviceLabels,
  numbers: OwnNumbers | undefined,
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
        ? (reading?.endedProcesses ?? []).map((process) => joinEnded(process, labels, numbers, inputs.mixedNumbers))
        : [],
  };
}

/** The peaks of one process by server and by regions are of the same bytes: the larger ones are drawn. */
function joinEnded(
  process: EndedProcess,
  labels: DeviceLabels,
  numbers: OwnNumbers | undefined,
  mixed: MixedNumbers,
): EndedProcessSnapshot {
  const meant = numbers?.meantByEnded(process);
  const labelOf = (id: number): string | undefined => {
    // One that was never seen alive may have meant any chip by a number that others have used for several.
    const chip = meant?.get(id) ?? (mixed.has(id) ? 'unknown' : 'host');
    if (chip === 'host') return labels.byId.get(id);
    return chip === 'unknown' ? undefined : labels.ofCard(chip.card, chip.remote);
  };
  return {
    pid: pidLabel(process),
    comm: process.comm,
    containerId: process.containerId ?? '',
    podUid: process.podUid ?? '',
    slurmJobId: process.slurmJobId ?? '',
    unit: process.unit ?? '',
    peaks: [
      ...process.devices.flatMap(({ id, peakBytes }) => peaksOf(labelOf(id), peakBytes)),
      ...process.regions.flatMap(({ chipId, peakBytes }) => peaksOf(labels.byChip.get(chipId), peakBytes)),
    ],
  };
}

function peaksOf(device: string | undefined, peakBytes: Readonly<MemoryBytes>): EndedProcessSnapshot['peaks'] {
  if (device === undefined) return [];
  return MEMORY_TYPES.flatMap((type) => {
    const bytes = peakBytes[type];
    return bytes === undefined ? [] : [{ device, type, bytes }];
  });
}
