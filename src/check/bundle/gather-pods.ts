import type { ContainerName, KubernetesReading, PodNames } from '../../sources/kubernetes/types.ts';
import type { BundledPod } from './manifest.ts';
import type { Redaction } from './redaction.ts';

/** The pods and containers that processes with a chip are in, with other names. */
export function gatherPods(
  reading: KubernetesReading | undefined,
  inUse: (uidOrContainerId: string) => boolean,
  redaction: Redaction,
): BundledPod[] {
  const { pods, containers } = reading?.podLogs ?? {
    pods: new Map<never, never>(),
    containers: new Map<never, never>(),
  };
  const { names } = redaction;
  return [
    ...[...pods].filter(([uid]) => inUse(uid)).map(([uid, pod]) => named(pod, { uid: names.podUid(uid) }, redaction)),
    ...[...containers]
      .filter(([id]) => inUse(id))
      .map(([id, container]) => named(container, { containerId: names.containerId(id) }, redaction)),
  ];
}

function named(
  { podName, podNamespace, containerName }: PodNames | ContainerName,
  { uid, containerId }: { readonly uid?: string; readonly containerId?: string },
  { names }: Redaction,
): BundledPod {
  return {
    uid,
    containerId,
    podName: names.name('pod', podName),
    podNamespace: names.name('namespace', podNamespace),
    containerName: containerName === undefined ? undefined : names.name('container', containerName),
  };
}
