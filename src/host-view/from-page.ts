import { MEMORY_TYPES, noMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import { TRACKER_STATES } from '../snapshot/snapshot.ts';
import { CARD_STATES } from '../sources/sysfs/types.ts';
import { dramBytes, l1Bytes } from './memory-use.ts';
import { ownerOf } from './owner.ts';
import { PageTables } from './page-tables.ts';
import type { PageSample } from './page-samples.ts';
import type { ChipView, HostView, ProcessChipView, ProcessView } from './types.ts';

/** The view of an exporter's page, as readPage() gives it; a page of another program has no chips. */
export function viewOfPage(page: ReadonlyMap<string, readonly PageSample[]>, takenAtSeconds: number): HostView {
  const tables = new PageTables(page);
  const maintenance = tables.value('tt_maintenance');
  const collectors = page.get('tt_exporter_collector_success') ?? [];
  return {
    takenAtSeconds,
    driverVersion: page.get('tt_driver_info')?.[0]?.labels.get('version'),
    devicesExpected: tables.value('tt_devices_expected'),
    maintenance: maintenance === undefined ? undefined : maintenance === 1,
    chips: (page.get('tt_device_info') ?? []).map(({ labels }) => viewChip(tables, labels)),
    processes: viewProcesses(page, tables),
    missingRights: (page.get('tt_exporter_missing_rights') ?? []).map(({ labels }) => labels.get('right') ?? ''),
    failedCollectors: collectors.filter(({ value }) => value === 0).map(({ labels }) => labels.get('collector') ?? ''),
  };
}

function viewChip(tables: PageTables, info: ReadonlyMap<string, string>): ChipView {
  const device = info.get('device') ?? '';
  const totals = tables.memory('tt_device_dram_allocated_bytes', 'tt_device_l1_allocated_bytes', device);
  const descriptors = tables.value('tt_device_holders', device);
  const tracker = tables.samples('tt_memory_tracker_info', device)[0]?.labels;
  return {
    device,
    board: known(info, 'board'),
    arch: known(info, 'arch'),
    serial: known(info, 'serial'),
    pciAddress: known(info, 'pci_address'),
    gateway: known(info, 'gateway'),
    state: CARD_STATES.find((state) => tables.isIn('tt_device_state', device, state)),
    temperature: {
      value: tables.value('tt_device_temperature_celsius', device),
      limit: tables.value('tt_device_temperature_limit_celsius', device),
    },
    power: {
      value: tables.value('tt_device_power_watts', device),
      limit: tables.value('tt_device_power_limit_watts', device),
    },
    clockHertz: tables.samples('tt_device_clock_hertz', device).find(({ labels }) => labels.get('clock') === 'ai')
      ?.value,
    dram: { usedBytes: dramBytes(totals), capacityBytes: tables.value('tt_dram_capacity_bytes', device) },
    l1: { usedBytes: l1Bytes(totals), capacityBytes: tables.value('tt_l1_capacity_bytes', device) },
    totals,
    unattributed: tables.memory('tt_dram_unattributed_bytes', 'tt_l1_unattributed_bytes', device),
    orphansKnown: orphanSamples(tables, device).length > 0,
    tracker:
      tracker === undefined
        ? undefined
        : { source: tracker.get('source') ?? '', version: tracker.get('version') ?? '' },
    trackerStates: trackerStates(tables, device),
    holders:
      descriptors === undefined
        ? undefined
        : { descriptors, invisible: tables.value('tt_device_holders_invisible', device) ?? 0 },
  };
}

function orphanSamples(tables: PageTables, device: string): readonly PageSample[] {
  return [...tables.samples('tt_dram_orphaned_bytes', device), ...tables.samples('tt_l1_orphaned_bytes', device)];
}

function trackerStates(tables: PageTables, device: string): ChipView['trackerStates'] {
  return tables.samples('tt_memory_tracker_state', device).flatMap(({ labels, value }) => {
    const state = TRACKER_STATES.find((candidate) => candidate === labels.get('state'));
    return value === 1 && state !== undefined ? [{ source: labels.get('source') ?? '', state }] : [];
  });
}

function viewProcesses(page: ReadonlyMap<string, readonly PageSample[]>, tables: PageTables): ProcessView[] {
  const parts = partsByPid(page, tables);
  return (page.get('tt_process_info') ?? []).map(({ labels }) => {
    const label = (name: string): string => labels.get(name) ?? '';
    const pid = label('pid');
    const alive = tables.value('tt_process_alive', pid);
    return {
      pid,
      name: label('comm'),
      owner: ownerOf({
        podUid: label('pod_uid'),
        podName: label('pod_name'),
        podNamespace: label('pod_namespace'),
        slurmJobId: label('slurm_job_id'),
        containerId: label('container_id'),
        unit: label('unit'),
      }),
      user: label('user'),
      alive: alive === undefined ? undefined : alive === 1,
      startTimeSeconds: tables.value('tt_process_start_time_seconds', pid),
      chips: parts.get(pid) ?? [],
    };
  });
}

interface Part {
  readonly bytes: MemoryBytes;
  orphaned: boolean;
  descriptors: number | undefined;
}

/** Of every pid label: what it has on each chip, in the order of the chips. */
function partsByPid(
  page: ReadonlyMap<string, readonly PageSample[]>,
  tables: PageTables,
): ReadonlyMap<string, readonly ProcessChipView[]> {
  const parts = new Map<string, ProcessChipView[]>();
  for (const { labels } of page.get('tt_device_info') ?? []) {
    const device = labels.get('device') ?? '';
    for (const [pid, part] of partsOf(tables, device)) {
      const known = parts.get(pid);
      if (known === undefined) parts.set(pid, [{ device, ...part }]);
      else known.push({ device, ...part });
    }
  }
  return parts;
}

function partsOf(tables: PageTables, device: string): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>();
  const part = (labels: ReadonlyMap<string, string>): Part => {
    const pid = labels.get('pid') ?? '';
    const known = parts.get(pid) ?? { bytes: noMemory(), orphaned: false, descriptors: undefined };
    parts.set(pid, known);
    return known;
  };
  for (const name of ['tt_dram_allocated_bytes', 'tt_l1_allocated_bytes']) {
    for (const { labels, value } of tables.samples(name, device)) put(part(labels).bytes, labels, value);
  }
  for (const { labels, value } of orphanSamples(tables, device)) {
    if (labels.get('pid') === '') continue;
    const orphan = part(labels);
    orphan.orphaned = true;
    put(orphan.bytes, labels, value);
  }
  for (const { labels, value } of tables.samples('tt_process_open_devices', device)) part(labels).descriptors = value;
  return parts;
}

function put(bytes: MemoryBytes, labels: ReadonlyMap<string, string>, value: number): void {
  const type = MEMORY_TYPES.find((candidate) => candidate === labels.get('type'));
  if (type !== undefined) bytes[type] = value;
}

/** An info label's value; undefined where it is empty, which says that it is not known. */
function known(labels: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = labels.get(name);
  return value === '' ? undefined : value;
}
