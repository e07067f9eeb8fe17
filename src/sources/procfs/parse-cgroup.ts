import type { ProcessGroup } from './types.ts';

const CONTAINER_ID = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$/;
const POD = /^(?:.*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?$/;
const SLURM_ROOT = /^(?:slurm(?:_.+)?|(?:.+_)?slurmstepd\.scope)$/;
const SLURM_JOB = /^job_(\d{1,12})$/;
const UNIT = /\.(?:service|scope|mount|socket|swap)$/;

interface MutableGroup {
  unit: string | undefined;
  containerId: string | undefined;
  podUid: string | undefined;
  slurmJobId: string | undefined;
}

/**
 * Whose process it is, from the text of /proc/<pid>/cgroup: lines `hierarchy:controllers:path`, one for each hierarchy of
 * cgroup v1, `0::path` for v2 (linux: Documentation/admin-guide/cgroup-v2.rst). The unit is systemd's own rule, the first
 * part of the path that is no slice; a container's scope is not a unit here, its id says more.
 */
export function parseCgroup(text: string): ProcessGroup {
  const group: MutableGroup = { unit: undefined, containerId: undefined, podUid: undefined, slurmJobId: undefined };
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) continue;
    const [, controllers = '', path = ''] = match;
    // Only these two hierarchies are systemd's; a controller of v1 may be anybody's.
    const ownedBySystemd = controllers === '' || controllers === 'name=systemd';
    addPath(
      group,
      path
        .replace(/ \(deleted\)$/, '')
        .split('/')
        .slice(1),
      ownedBySystemd,
    );
  }
  return group;
}

/** Adds what one path tells and no earlier one did. */
function addPath(group: MutableGroup, parts: readonly string[], ownedBySystemd: boolean): void {
  // A user's own manager may make any folder below it, so no pod or job is believed there.
  const ofUser = parts.includes('user.slice');
  let unitIsKnown = !ownedBySystemd;
  let inPods = false;
  let inSlurm = false;
  for (const part of parts.flatMap(splitRuntime)) {
    const container = CONTAINER_ID.exec(part);
    // What is below a container's folder is made by the container: it can name another's pod or job.
    if (container !== null && !isMonitor(container[1])) {
      group.containerId ??= container[2];
      return;
    }
    if (!ofUser) {
      // Seen from a cgroup namespace in a pod, the path to a pod of another class begins with `..` and lacks `kubepods`.
      inPods ||= part.includes('kubepods') || part === '..';
      if (inPods) group.podUid ??= POD.exec(part)?.[1]?.replaceAll('_', '-');
      if (inSlurm) group.slurmJobId ??= SLURM_JOB.exec(part)?.[1];
      inSlurm ||= SLURM_ROOT.test(part);
    }
    if (!unitIsKnown && UNIT.test(part)) {
      group.unit ??= part.replace(/^_/, '');
      unitIsKnown = true;
    }
  }
}

/** containerd without systemd's driver writes slice, runtime and id as one name: `kubepods-pod….slice:cri-containerd:<id>`. */
function splitRuntime(part: string): readonly string[] {
  const colon = part.indexOf(':');
  return colon < 0 ? [part] : [part.slice(0, colon), part.slice(colon + 1)];
}

/** `libpod-conmon-<id>.scope`, `crio-conmon-<id>.scope`: the monitor beside the container, not inside it. */
function isMonitor(prefix: string | undefined): boolean {
  return prefix?.endsWith('conmon') ?? false;
}
