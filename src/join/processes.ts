import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import type { ProcessSnapshot } from '../snapshot/snapshot.ts';
import { comparePidLabels, pidLabel } from './pid-label.ts';
import type { TrackedChip, TrackedProcess } from './tracked-chip.ts';

/**
 * One entry for each pid label that occurs. A host PID is described from /proc; an unproven one by what the trackers
 * say, as far as they agree, and it is known to be dead only where that is proven wherever it occurs.
 */
export function joinProcesses(
  trackers: readonly TrackedChip[],
  holders: Iterable<number>,
  procfs: ProcfsReading | undefined,
): ProcessSnapshot[] {
  const tracked = new Map<string, TrackedProcess[]>();
  for (const tracker of trackers) {
    for (const process of tracker.processes ?? []) {
      const label = pidLabel(process);
      const others = tracked.get(label);
      if (others === undefined) tracked.set(label, [process]);
      else others.push(process);
    }
  }
  for (const pid of holders) if (!tracked.has(`${pid}`)) tracked.set(`${pid}`, []);
  const snapshots: ProcessSnapshot[] = [];
  for (const [label, processes] of tracked) {
    snapshots.push(
      label.startsWith('?')
        ? describeUnproven(label, processes)
        : describeHostProcess(label, procfs?.processes.get(Number(label)), processes),
    );
  }
  return snapshots.sort((a, b) => comparePidLabels(a.pid, b.pid));
}

function describeHostProcess(
  pid: string,
  process: HostProcess | undefined,
  tracked: readonly TrackedProcess[],
): ProcessSnapshot {
  const own = process?.namespacePids.at(-1);
  return {
    ...UNKNOWN,
    pid,
    namespacePid: own === undefined || own === process?.pid ? '' : `${own}`,
    comm: process?.comm ?? commonName(tracked),
    unit: process?.cgroup.unit ?? '',
    containerId: process?.cgroup.containerId ?? '',
    podUid: process?.cgroup.podUid ?? '',
    slurmJobId: process?.cgroup.slurmJobId ?? '',
    // A PID that only the driver's list has may have been the opener's, long gone, or be hidden from this namespace.
    alive: process === undefined ? undefined : true,
    startTimeSeconds: process?.startTimeSeconds,
  };
}

function describeUnproven(pid: string, tracked: readonly TrackedProcess[]): ProcessSnapshot {
  return {
    ...UNKNOWN,
    pid,
    namespacePid: pid.slice(1),
    comm: commonName(tracked),
    alive: tracked.length > 0 && tracked.every((process) => process.gone) ? false : undefined,
  };
}

function commonName(tracked: readonly TrackedProcess[]): string {
  const [first, ...rest] = new Set(tracked.map((process) => process.name));
  return rest.length === 0 ? (first ?? '') : '';
}

const UNKNOWN: ProcessSnapshot = {
  pid: '',
  namespacePid: '',
  comm: '',
  unit: '',
  containerId: '',
  podUid: '',
  podName: '',
  podNamespace: '',
  containerName: '',
  slurmJobId: '',
  alive: undefined,
  startTimeSeconds: undefined,
};
