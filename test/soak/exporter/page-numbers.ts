import type { ParsedFamily, ParsedSample } from '../../support/exposition-parser.ts';

/** A number of a page that the books have an opinion about. */
export interface PageNumber {
  readonly key: string;
  readonly value: number;
}

/** Families of which every sample is looked up, by what their keys begin with and the labels that follow. */
const CHECKED: ReadonlyMap<string, { readonly kind: string; readonly labels: readonly string[] }> = new Map([
  ['tt_dram_allocated_bytes', { kind: 'held', labels: ['device', 'pid', 'type'] }],
  ['tt_l1_allocated_bytes', { kind: 'held', labels: ['device', 'pid', 'type'] }],
  ['tt_device_dram_allocated_bytes', { kind: 'total', labels: ['device', 'type'] }],
  ['tt_device_l1_allocated_bytes', { kind: 'total', labels: ['device', 'type'] }],
  ['tt_dram_orphaned_bytes', { kind: 'orphaned', labels: ['device', 'pid', 'type'] }],
  ['tt_l1_orphaned_bytes', { kind: 'orphaned', labels: ['device', 'pid', 'type'] }],
  ['tt_process_alive', { kind: 'alive', labels: ['pid'] }],
  ['tt_device_temperature_celsius', { kind: 'temperature', labels: ['device'] }],
  ['tt_device_voltage_volts', { kind: 'voltage', labels: ['device'] }],
  ['tt_device_current_amperes', { kind: 'current', labels: ['device'] }],
  ['tt_device_power_watts', { kind: 'power', labels: ['device'] }],
  ['tt_device_fan_speed_rpm', { kind: 'fan', labels: ['device'] }],
  ['tt_device_clock_hertz', { kind: 'clock', labels: ['device', 'clock'] }],
  ['tt_device_heartbeat_total', { kind: 'heartbeat', labels: ['device'] }],
  ['tt_devices', { kind: 'devices', labels: ['state'] }],
  ['tt_exporter_devices_skipped', { kind: 'skipped', labels: [] }],
  ['tt_allocation_server_up', { kind: 'server_up', labels: [] }],
]);

/** The collectors without which a number cannot be there. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  held: ['shared_memory', 'allocation_server', 'sysfs', 'procfs'],
  total: ['shared_memory', 'allocation_server', 'sysfs', 'procfs'],
  orphaned: ['shared_memory', 'allocation_server', 'sysfs', 'procfs'],
  alive: ['shared_memory', 'allocation_server', 'sysfs', 'procfs'],
  server_up: ['allocation_server'],
};

/** The page's numbers of these families, each with a key that has the PCI address in place of the device's label. */
export function pageNumbers(families: readonly ParsedFamily[]): PageNumber[] {
  const addresses = pciAddresses(families);
  return families.flatMap(({ samples }) => samples).flatMap((sample) => numberOf(sample, addresses) ?? []);
}

/** Collectors that say of themselves that this page lacks something of theirs. */
export function failedCollectors(families: readonly ParsedFamily[]): ReadonlySet<string> {
  const family = families.find(({ name }) => name === 'tt_exporter_collector_success');
  const failed = (family?.samples ?? []).filter(({ value }) => value === 0);
  return new Set(failed.map(({ labels }) => labels['collector'] ?? ''));
}

/** Whether the number may be missing, or be told of another owner, where these collectors have failed. */
export function isExcused(key: string, failed: ReadonlySet<string>): boolean {
  return (NEEDED[key.split('|')[0] ?? ''] ?? ['sysfs']).some((collector) => failed.has(collector));
}

/** The value of a sample of that name without labels. */
export function plainValue(families: readonly ParsedFamily[], name: string): number | undefined {
  return families.find((family) => family.name === name)?.samples[0]?.value;
}

function pciAddresses(families: readonly ParsedFamily[]): ReadonlyMap<string, string> {
  const info = families.find(({ name }) => name === 'tt_device_info')?.samples ?? [];
  return new Map(info.map(({ labels }) => [labels['device'] ?? '', labels['pci_address'] ?? '']));
}

function numberOf(
  { name, labels, value }: ParsedSample,
  addresses: ReadonlyMap<string, string>,
): PageNumber | undefined {
  const checked = CHECKED.get(name);
  if (checked === undefined) return undefined;
  // "Nobody's": the sample that says that it was looked for.
  if (checked.kind === 'orphaned' && labels['pid'] === '') return undefined;
  const parts = checked.labels.map((label) => {
    const text = labels[label] ?? '';
    return label === 'device' ? (addresses.get(text) ?? `unknown device ${text}`) : text;
  });
  return { key: [checked.kind, ...parts].join('|'), value };
}
