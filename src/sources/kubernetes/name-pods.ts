import { ownerOf, podKey } from './device-owners.ts';
import type { HeldDevice } from './device-owners.ts';
import type { KubernetesReading, PodNames, PodResourcesReading } from './types.ts';

/** A process as far as its pod's names depend on it. */
export interface PodProcess {
  readonly pid: number;
  /** From its cgroup. */
  readonly podUid: string | undefined;
  readonly containerId: string | undefined;
  /** The devices that it has open. */
  readonly devices: readonly HeldDevice[];
}

/**
 * The pods of processes by host PID. By the log folders where they know the container or the pod; else by device, and
 * then only for a process that its cgroup says is in some pod, if every device that it holds has been given to the same
 * one pod, and no process of another pod holds any of them. A host's process is never named after the pod whose device
 * it has opened.
 */
export function namePods(
  processes: readonly PodProcess[],
  { podLogs, podResources }: KubernetesReading,
): ReadonlyMap<number, PodNames> {
  const named = new Map<number, PodNames>();
  for (const process of processes) {
    const names = byLogs(process, podLogs) ?? (podResources && byDevice(process, processes, podResources));
    if (names !== undefined) named.set(process.pid, names);
  }
  return named;
}

function byLogs(process: PodProcess, logs: KubernetesReading['podLogs']): PodNames | undefined {
  const { podUid, containerId } = process;
  const pod = podUid === undefined ? undefined : logs?.pods.get(podUid);
  const container = containerId === undefined ? undefined : logs?.containers.get(containerId);
  if (pod === undefined || container === undefined) return pod ?? container;
  // Where the two differ, one of them is not of this pod: the UID is what the process's cgroup says.
  return podKey(pod) === podKey(container) ? container : { ...pod, containerName: undefined };
}

function byDevice(
  process: PodProcess,
  all: readonly PodProcess[],
  resources: PodResourcesReading,
): PodNames | undefined {
  const { podUid } = process;
  const [first, ...others] = process.devices.map((device) => ownerOf(resources, device));
  if (podUid === undefined || first?.kind !== 'pod') return undefined;
  const pod = podKey(first.names);
  if (!others.every((owner) => owner?.kind === 'pod' && podKey(owner.names) === pod)) return undefined;
  const holders = all.filter(({ devices }) =>
    devices.some((device) => process.devices.some((own) => same(own, device))),
  );
  if (holders.some((holder) => holder.podUid !== undefined && holder.podUid !== podUid)) return undefined;
  const containers = new Set(
    [first, ...others].map((owner) => (owner?.kind === 'pod' ? owner.names.containerName : undefined)),
  );
  const [container] = containers;
  const alone = containers.size === 1 && holders.every(({ containerId }) => containerId === process.containerId);
  return { ...first.names, containerName: alone ? container : undefined };
}

function same(a: HeldDevice, b: HeldDevice): boolean {
  if (a.driverIndex !== undefined) return a.driverIndex === b.driverIndex;
  if (a.pciAddress !== undefined) return a.pciAddress === b.pciAddress;
  return a.logicalId !== undefined && a.logicalId === b.logicalId;
}
