import { addMemory, noMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { WorkloadKind, WorkloadMemory } from '../snapshot/snapshot.ts';
import type { ProcessGroup, ProcfsReading } from '../sources/procfs/types.ts';
import type { TrackedProcess } from './tracked-chip.ts';

/** What a process works for. */
export interface Workload {
  readonly kind: WorkloadKind;
  /** '' for `none`. */
  readonly name: string;
}

const NO_WORKLOAD: Workload = { kind: 'none', name: '' };

/** The one workload of a process, in the order of WORKLOAD_KINDS. */
export function workloadOf({ podUid, slurmJobId, containerId, unit }: ProcessGroup): Workload {
  if (podUid !== undefined) return { kind: 'pod', name: podUid };
  if (slurmJobId !== undefined) return { kind: 'slurm_job', name: slurmJobId };
  if (containerId !== undefined) return { kind: 'container', name: containerId };
  if (unit !== undefined) return { kind: 'unit', name: unit };
  return NO_WORKLOAD;
}

/**
 * The memory of a chip's processes by workload: every byte once, so that it adds up to the sum over processes. Of a
 * process that is gone, or not proven to be one of the host's, nobody knows whose it was: it counts for `none`.
 */
export function sumByWorkload(
  processes: readonly TrackedProcess[],
  procfs: ProcfsReading | undefined,
): WorkloadMemory[] {
  const sums = new Map<string, WorkloadSum>();
  let sum: WorkloadSum | undefined;
  for (const process of processes) {
    const { kind, name } = workloadOfTracked(process, procfs);
    // Mostly the same as that of the process before.
    if (sum?.kind !== kind || sum.workload !== name) sum = sumOf(sums, kind, name);
    addMemory(sum.bytes, process.bytes);
  }
  return [...sums.values()];
}

type WorkloadSum = WorkloadMemory & { readonly bytes: MemoryBytes };

function sumOf(sums: Map<string, WorkloadSum>, kind: WorkloadKind, workload: string): WorkloadSum {
  const key = `${kind} ${workload}`;
  const known = sums.get(key);
  if (known !== undefined) return known;
  const sum = { kind, workload, bytes: noMemory() };
  sums.set(key, sum);
  return sum;
}

function workloadOfTracked(process: TrackedProcess, procfs: ProcfsReading | undefined): Workload {
  if (process.gone || process.hostPid === undefined) return NO_WORKLOAD;
  const group = procfs?.processes.get(process.hostPid)?.cgroup;
  return group === undefined ? NO_WORKLOAD : workloadOf(group);
}
