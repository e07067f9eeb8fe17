import { addMemory, noMemory, withoutMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { DeviceMemory, ProcessMemory } from '../snapshot/snapshot.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import { addProcessMemory } from './add-process-memory.ts';
import { pidLabel } from './pid-label.ts';
import { placesByPid } from './same-pid.ts';
import type { TrackedChip, TrackedProcess } from './tracked-chip.ts';
import { sumByWorkload } from './workload.ts';

/** A chip's memory in the words of the snapshot, from the tracker that was chosen for it. */
export function deviceMemory(tracker: TrackedChip, procfs: ProcfsReading | undefined): DeviceMemory {
  const known = remembered.get(tracker) ?? ownersOf(tracker);
  remembered.set(tracker, known);
  return {
    source: tracker.source,
    version: tracker.version,
    totals: tracker.totals,
    ...known,
    workloads: tracker.processes && sumByWorkload(tracker.processes, procfs),
    ring: tracker.extras?.ring,
    counters: tracker.extras?.counters,
    peakBytes: tracker.extras?.peakBytes,
    largestFreeBlockBytes: tracker.extras?.largestFreeBlockBytes,
    lastFailedAllocationBytes: tracker.extras?.lastFailedAllocationBytes,
  };
}

/** What follows from a tracker alone. A region that nobody writes to gives the same one again. */
type Owners = Pick<DeviceMemory, 'processes' | 'unattributed' | 'orphaned'>;

const remembered = new WeakMap<TrackedChip, Owners>();

function ownersOf(tracker: TrackedChip): Owners {
  return {
    processes: tracker.processes === undefined ? undefined : sumByPid(tracker.processes),
    unattributed: unattributed(tracker),
    orphaned: orphaned(tracker),
  };
}

/** One entry a label, in the tracker's order: equal ones (two namespaces with a PID 1, two regions of one process) are added up. */
function sumByPid(processes: readonly TrackedProcess[]): ProcessMemory[] {
  const sums: ProcessMemory[] = [];
  const places = placesByPid(processes);
  processes.forEach((process, at) => {
    const place = places[at] ?? sums.length;
    const other = sums[place];
    if (other === undefined) sums.push({ pid: pidLabel(process), bytes: process.bytes, detail: process.detail });
    else sums[place] = addProcessMemory(other, process);
  });
  return sums;
}

function unattributed(tracker: TrackedChip): MemoryBytes {
  if (tracker.processes === undefined) return noMemory();
  const attributed = noMemory();
  for (const process of tracker.processes) addMemory(attributed, process.bytes);
  return withoutMemory(tracker.totals, attributed);
}

/** What is proven to be leaked is said even where more might be that cannot be proven. */
function orphaned(tracker: TrackedChip): DeviceMemory['orphaned'] {
  const gone = (tracker.processes ?? []).filter((process) => process.gone);
  if (gone.length === 0 && !tracker.provable) return undefined;
  return sumByPid(gone).map(({ pid, bytes }) => ({ pid, bytes }));
}
