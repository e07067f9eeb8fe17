import { pciAddressOrder } from '../sysfs/pci-address.ts';

/** Which device an id means. */
export type DeviceId =
  | { readonly by: 'driver_index'; readonly index: number }
  | { readonly by: 'pci_address'; readonly address: string }
  | { readonly by: 'logical_id'; readonly id: number };

const NUMBER = /^(?:0|[1-9][0-9]{0,3})$/;
const DRA_DEVICE = /^tt-(0|[1-9][0-9]{0,3})$/;

/** Whether a resource of a device plugin, such as `tenstorrent.com/n150`, is of Tenstorrent devices. */
export function isTenstorrentResource(resourceName: string): boolean {
  return resourceName.startsWith('tenstorrent.com/');
}

/** Whether a driver of dynamic resource allocation is Tenstorrent's; a second one on a cluster has a name below it. */
export function isTenstorrentDriver(driverName: string): boolean {
  return driverName === 'tenstorrent.com' || driverName.endsWith('.tenstorrent.com');
}

/**
 * The device of a device plugin's id. The plugins that exist name a device after its node, /dev/tenstorrent/N
 * (goshlanguage/k8s-device-plugin: cmd/k8s-device-plugin/main.go; guhaneswaran/tt-k8s-device-plugin:
 * internal/device/discover.go); a PCI address would speak for itself. Undefined for anything else.
 */
export function pluginDevice(id: string): DeviceId | undefined {
  if (NUMBER.test(id)) return { by: 'driver_index', index: Number(id) };
  const address = id.toLowerCase();
  return pciAddressOrder(address) === undefined ? undefined : { by: 'pci_address', address };
}

/**
 * The device of the DRA driver's `tt-<chip id>`: UMD's number of a chip on PCIe, which brings the remote chips of its
 * board along, and is not the N of its node (tt-dra-driver: internal/profiles/tenstorrent/tenstorrent.go,
 * deviceNameForChip).
 */
export function draDevice(deviceName: string): DeviceId | undefined {
  const digits = DRA_DEVICE.exec(deviceName)?.[1];
  return digits === undefined ? undefined : { by: 'logical_id', id: Number(digits) };
}
