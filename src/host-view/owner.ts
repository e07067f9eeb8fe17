import type { ProcessSnapshot } from '../snapshot/snapshot.ts';
import type { OwnerView } from './types.ts';

type OwnerFields = Pick<ProcessSnapshot, 'podUid' | 'podName' | 'podNamespace' | 'slurmJobId' | 'containerId' | 'unit'>;

/** Whose a process is, by the most specific that is known: the order is that of WORKLOAD_KINDS. */
export function ownerOf(process: OwnerFields): OwnerView {
  if (process.podName !== '') return { kind: 'pod', name: `${process.podNamespace}/${process.podName}` };
  if (process.podUid !== '') return { kind: 'pod', name: process.podUid };
  if (process.slurmJobId !== '') return { kind: 'slurm_job', name: process.slurmJobId };
  if (process.containerId !== '') return { kind: 'container', name: process.containerId };
  if (process.unit !== '') return { kind: 'unit', name: process.unit };
  return { kind: 'none', name: '' };
}
