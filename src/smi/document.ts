import { MEMORY_TYPES } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { ChipView, HostView, ProcessView } from '../host-view/types.ts';

/** Of the document; a field is added without a new number, and taken away or changed only with one. */
export const SMI_DOCUMENT_VERSION = 1;

/**
 * What `smi --json` prints, as schemas/smi-1.json describes it: base units, `null` where a number is not known. The
 * unrounded numbers of the metrics.
 */
export function smiDocument(view: HostView): object {
  return {
    schema: 'tenstorrent-exporter/smi',
    schema_version: SMI_DOCUMENT_VERSION,
    taken_at_seconds: view.takenAtSeconds,
    driver_version: known(view.driverVersion),
    devices_expected: known(view.devicesExpected),
    maintenance: known(view.maintenance),
    devices: view.chips.map(deviceDocument),
    processes: view.processes.map((process) => processDocument(process, view.takenAtSeconds)),
    missing_rights: view.missingRights,
    failed_collectors: view.failedCollectors,
  };
}

function deviceDocument(chip: ChipView): object {
  return {
    device: chip.device,
    board: known(chip.board),
    arch: known(chip.arch),
    serial: known(chip.serial),
    pci_address: known(chip.pciAddress),
    gateway: known(chip.gateway),
    state: known(chip.state),
    temperature_celsius: known(chip.temperature.value),
    temperature_limit_celsius: known(chip.temperature.limit),
    power_watts: known(chip.power.value),
    power_limit_watts: known(chip.power.limit),
    clock_hertz: known(chip.clockHertz),
    dram_capacity_bytes: known(chip.dram.capacityBytes),
    l1_capacity_bytes: known(chip.l1.capacityBytes),
    allocated_bytes: bytesDocument(chip.totals),
    unattributed_bytes: bytesDocument(chip.unattributed),
    orphans_provable: chip.orphansKnown,
    tracker: known(chip.tracker),
    tracker_states: chip.trackerStates,
    holders: known(chip.holders),
  };
}

function processDocument(process: ProcessView, takenAtSeconds: number): object {
  const { startTimeSeconds, owner } = process;
  return {
    pid: process.pid,
    name: process.name,
    owner_kind: owner.kind,
    owner: owner.name,
    user: process.user,
    alive: known(process.alive),
    start_time_seconds: known(startTimeSeconds),
    age_seconds: startTimeSeconds === undefined ? null : Math.max(0, takenAtSeconds - startTimeSeconds),
    devices: process.chips.map(({ device, bytes, orphaned, descriptors }) => ({
      device,
      allocated_bytes: bytesDocument(bytes),
      orphaned,
      open_descriptors: known(descriptors),
    })),
  };
}

function bytesDocument(bytes: Readonly<MemoryBytes>): object {
  return Object.fromEntries(MEMORY_TYPES.map((type) => [type, known(bytes[type])]));
}

function known<T>(value: T | undefined): T | null {
  return value ?? null;
}
