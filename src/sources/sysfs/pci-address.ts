const SHAPE = /^([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/;

/**
 * A number that orders PCI addresses (`0000:c1:00.0`) by domain, bus, device and function; undefined for other text.
 * Domains can have more than four digits, so that the order of the text would be another one.
 */
export function pciAddressOrder(address: string): number | undefined {
  const parts = SHAPE.exec(address);
  if (parts === null) return undefined;
  const [domain = 0, bus = 0, device = 0, fn = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  return ((domain * 256 + bus) * 32 + device) * 8 + fn;
}

/**
 * The last PCI address among the components of a link's target: for
 * `../../devices/pci0000:00/0000:00:01.0/0000:c1:00.0/hwmon/hwmon4` the device, not the bridge above it.
 */
export function lastPciAddress(linkTarget: string): string | undefined {
  return linkTarget.split('/').findLast((part) => pciAddressOrder(part) !== undefined);
}
