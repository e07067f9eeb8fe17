import { draDevice, isTenstorrentDriver, isTenstorrentResource, pluginDevice } from './device-id.ts';
import type { DeviceId } from './device-id.ts';
import { isContainerName, isPodName } from './log-names.ts';
import type { ContainerResources, PodResources } from './pod-resources-schema.ts';
import type { DeviceOwner, PodName, PodResourcesReading } from './types.ts';

/** A card by everything that it can be known by. */
export interface HeldDevice {
  readonly driverIndex: number | undefined;
  readonly pciAddress: string | undefined;
  readonly logicalId: number | undefined;
}

export interface DeviceOwners {
  readonly reading: PodResourcesReading;
  /** Ids of Tenstorrent devices that do not say which device it is, each once. */
  readonly unresolved: readonly string[];
}

/** A pod, and those of its containers that have been given a device. */
interface Pod {
  readonly pod: PodName;
  readonly containers: Set<string>;
}

/** By podKey(). */
type Given = Map<string, Pod>;

/** Who has been given which device, from an answer of the kubelet. */
export function deviceOwners(pods: readonly PodResources[]): DeviceOwners {
  const maps = {
    driver_index: new Map<number, Given>(),
    pci_address: new Map<string, Given>(),
    logical_id: new Map<number, Given>(),
  };
  const unresolved = new Set<string>();
  for (const pod of pods) {
    for (const container of pod.containers) {
      for (const { text, device } of tenstorrentDevices(container)) {
        if (device === undefined) unresolved.add(text);
        else if (device.by === 'driver_index') give(maps.driver_index, device.index, pod, container.name);
        else if (device.by === 'pci_address') give(maps.pci_address, device.address, pod, container.name);
        else give(maps.logical_id, device.id, pod, container.name);
      }
    }
  }
  const reading = {
    byDriverIndex: owners(maps.driver_index),
    byPciAddress: owners(maps.pci_address),
    byLogicalId: owners(maps.logical_id),
  };
  return { reading, unresolved: [...unresolved] };
}

/** Who has been given a device, by whatever id: undefined where nobody has. */
export function ownerOf(
  { byDriverIndex, byPciAddress, byLogicalId }: PodResourcesReading,
  device: HeldDevice,
): DeviceOwner | undefined {
  const found = [
    device.driverIndex === undefined ? undefined : byDriverIndex.get(device.driverIndex),
    device.pciAddress === undefined ? undefined : byPciAddress.get(device.pciAddress),
    device.logicalId === undefined ? undefined : byLogicalId.get(device.logicalId),
  ].filter((owner) => owner !== undefined);
  return found.length === 0 ? undefined : found.reduce(merge);
}

function merge(a: DeviceOwner, b: DeviceOwner): DeviceOwner {
  if (a.kind === 'ambiguous') return a;
  if (b.kind === 'ambiguous') return b;
  if (podKey(a.names) !== podKey(b.names)) return { kind: 'ambiguous', pods: 2 };
  const { podName, podNamespace, containerName } = a.names;
  const agreed = containerName === b.names.containerName ? containerName : undefined;
  return { kind: 'pod', names: { podName, podNamespace, containerName: agreed } };
}

export function podKey({ podName, podNamespace }: PodName): string {
  return `${podNamespace}/${podName}`;
}

function* tenstorrentDevices(
  container: ContainerResources,
): Generator<{ readonly text: string; readonly device: DeviceId | undefined }> {
  for (const { resourceName, deviceIds } of container.devices) {
    if (!isTenstorrentResource(resourceName)) continue;
    for (const id of deviceIds) yield { text: `${resourceName} ${id}`, device: pluginDevice(id) };
  }
  for (const { claimResources } of container.dynamicResources) {
    for (const { driverName, deviceName } of claimResources) {
      if (isTenstorrentDriver(driverName)) yield { text: `${driverName} ${deviceName}`, device: draDevice(deviceName) };
    }
  }
}

function give<K>(map: Map<K, Given>, device: K, pod: PodResources, container: string): void {
  const names = { podName: pod.name, podNamespace: pod.namespace };
  const given: Given = map.get(device) ?? new Map<string, Pod>();
  map.set(device, given);
  const known = given.get(podKey(names));
  if (known === undefined) given.set(podKey(names), { pod: names, containers: new Set([container]) });
  else known.containers.add(container);
}

function owners<K>(map: ReadonlyMap<K, Given>): ReadonlyMap<K, DeviceOwner> {
  return new Map([...map].map(([device, given]) => [device, owner(given)]));
}

function owner(given: Given): DeviceOwner {
  const [one, ...others] = given.values();
  // A pod with a name that none can have is not named, but it has the device all the same.
  if (one === undefined || others.length > 0 || !isPodName(one.pod)) return { kind: 'ambiguous', pods: given.size };
  const [container, ...more] = one.containers;
  const certain = container !== undefined && more.length === 0 && isContainerName(container);
  return { kind: 'pod', names: { ...one.pod, containerName: certain ? container : undefined } };
}
