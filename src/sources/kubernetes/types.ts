/** A pod. Neither changes during its life, and its UID is given to no other pod. */
export interface PodName {
  readonly podName: string;
  readonly podNamespace: string;
}

/** A container of a pod. */
export interface ContainerName extends PodName {
  readonly containerName: string;
}

/** A pod, and which container of it where that is certain. */
export interface PodNames extends PodName {
  readonly containerName: string | undefined;
}

/** What the kubelet's log folders are named after. */
export interface PodLogsReading {
  /** By pod UID as cgroups have it. The container is there only where the pod has never had a second one. */
  readonly pods: ReadonlyMap<string, PodNames>;
  /** By container id. */
  readonly containers: ReadonlyMap<string, ContainerName>;
}

/** Who has been given a device. `ambiguous`: more than one pod, so no process can be told to be of any. */
export type DeviceOwner =
  { readonly kind: 'pod'; readonly names: PodNames } | { readonly kind: 'ambiguous'; readonly pods: number };

/** Which pods have been given which devices, by whatever the device's id says. */
export interface PodResourcesReading {
  /** By N of /dev/tenstorrent/N. */
  readonly byDriverIndex: ReadonlyMap<number, DeviceOwner>;
  /** By PCI address, as `0000:c1:00.0`. */
  readonly byPciAddress: ReadonlyMap<string, DeviceOwner>;
  /** By TT-Metal's logical number of a chip on PCIe. */
  readonly byLogicalId: ReadonlyMap<number, DeviceOwner>;
}

export interface KubernetesReading {
  readonly podLogs: PodLogsReading | undefined;
  /** undefined where it is not asked for, or could not be had. */
  readonly podResources: PodResourcesReading | undefined;
}
