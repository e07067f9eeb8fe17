import { namePods } from '../sources/kubernetes/name-pods.ts';
import type { PodProcess } from '../sources/kubernetes/name-pods.ts';
import type { PodNames } from '../sources/kubernetes/types.ts';
import type { HostProcess } from '../sources/procfs/types.ts';
import type { JoinInputs } from './inputs.ts';

/** Names of the pods of all processes that procfs knows, by host PID. */
export function podNames({
  kubernetes,
  procfs,
  sysfs,
}: Pick<JoinInputs, 'kubernetes' | 'procfs' | 'sysfs'>): ReadonlyMap<number, PodNames> {
  if (kubernetes === undefined || procfs === undefined) return new Map();
  const devices = devicesByPid(procfs, sysfs);
  const processes = [...procfs.processes.values()].map((process: HostProcess) => ({
    pid: process.pid,
    podUid: process.cgroup.podUid,
    containerId: process.cgroup.containerId,
    devices: devices.get(process.pid) ?? [],
  }));
  return namePods(processes, kubernetes);
}

function devicesByPid(
  procfs: NonNullable<JoinInputs['procfs']>,
  sysfs: JoinInputs['sysfs'],
): ReadonlyMap<number, PodProcess['devices'][number][]> {
  const cards = sysfs?.cards ?? [];
  const logical = cards.filter((card) => card.driverIndex !== undefined);
  const held = new Map<number, PodProcess['devices'][number][]>();
  for (const [driverIndex, holders] of procfs.devices) {
    const card = logical.find((candidate) => candidate.driverIndex === driverIndex);
    const logicalId = card === undefined ? undefined : logical.indexOf(card);
    const device = { driverIndex, pciAddress: card?.pciAddress, logicalId };
    for (const pid of holders.byPid.keys()) held.set(pid, [...(held.get(pid) ?? []), device]);
  }
  return held;
}
