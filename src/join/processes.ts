import type { PodNames } from '../sources/kubernetes/types.ts';
import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import type { ProcessSnapshot } from '../snapshot/snapshot.ts';
import { OTHER } from './fold-processes.ts';
import type { JoinInputs } from './inputs.ts';
import { comparePidLabels, pidLabel } from './pid-label.ts';
import { podNames } from './pod-names.ts';
import type { TrackedChip, TrackedProcess } from './tracked-chip.ts';

/**
 * One entry for each of the pid labels. A host PID is described from /proc; an unproven one by what the trackers say, as
 * far as they agree, and it is known to be dead only where that is proven wherever it occurs. Of `other` there is nothing
 * to say.
 */
export function joinProcesses(
  trackers: readonly TrackedChip[],
  pids: ReadonlySet<string>,
  inputs: JoinInputs,
): ProcessSnapshot[] {
  const { procfs, userNames } = inputs;
  const pods = podNames(inputs);
  const tracked = trackedByPid(trackers, pids, procfs);
  const snapshots: ProcessSnapshot[] = [];
  for (const pid of pids) {
    const processes = tracked.get(pid) ?? [];
    if (pid === OTHER) snapshots.push({ ...UNKNOWN, pid });
    else if (pid.startsWith('?')) snapshots.push(describeUnproven(pid, processes));
    else {
      const process = describeHostProcess(pid, procfs?.processes.get(Number(pid)), processes, userNames);
      snapshots.push(withPod(process, pods.get(Number(pid))));
    }
  }
  return snapshots.sort((a, b) => comparePidLabels(a.pid, b.pid));
}

/** What the trackers say of those that /proc does not describe. */
function trackedByPid(
  trackers: readonly TrackedChip[],
  pids: ReadonlySet<string>,
  procfs: ProcfsReading | undefined,
): Map<string, TrackedProcess[]> {
  const tracked = new Map<string, TrackedProcess[]>();
  for (const { processes = [] } of trackers) {
    for (const process of processes) {
      if (process.hostPid !== undefined && procfs?.processes.has(process.hostPid) === true) continue;
      const pid = pidLabel(process);
      const known = tracked.get(pid);
      if (known !== undefined) known.push(process);
      else if (pids.has(pid)) tracked.set(pid, [process]);
    }
  }
  return tracked;
}

function describeHostProcess(
  pid: string,
  process: HostProcess | undefined,
  tracked: readonly TrackedProcess[],
  userNames: ReadonlyMap<number, string> | undefined,
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
    user: userOf(process, userNames),
    // A PID that only the driver's list has may have been the opener's, long gone, or be hidden from this namespace.
    alive: process === undefined ? undefined : true,
    startTimeSeconds: process?.startTimeSeconds,
  };
}

function withPod(process: ProcessSnapshot, pod: PodNames | undefined): ProcessSnapshot {
  if (pod === undefined) return process;
  const { podName, podNamespace, containerName = '' } = pod;
  return { ...process, podName, podNamespace, containerName };
}

function userOf(process: HostProcess | undefined, names: ReadonlyMap<number, string> | undefined): string {
  const uid = process?.uid;
  return names === undefined || uid === undefined ? '' : (names.get(uid) ?? `${uid}`);
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
  user: '',
  alive: undefined,
  startTimeSeconds: undefined,
};
