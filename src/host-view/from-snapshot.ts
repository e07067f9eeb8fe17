import { noMemory } from '../snapshot/memory-types.ts';
import type { DeviceSnapshot, ProcessSnapshot, Snapshot } from '../snapshot/snapshot.ts';
import { dramBytes, l1Bytes } from './memory-use.ts';
import { ownerOf } from './owner.ts';
import type { ChipView, HostView, ProcessChipView, ProcessView } from './types.ts';

const NOTHING_READ = { value: undefined, limit: undefined };

/** The view of this host's own snapshot. */
export function viewOfSnapshot(snapshot: Snapshot): HostView {
  const parts = partsByPid(snapshot.devices);
  return {
    takenAtSeconds: snapshot.takenAtSeconds,
    driverVersion: snapshot.driverVersion,
    devicesExpected: snapshot.devicesExpected,
    maintenance: snapshot.maintenance,
    chips: snapshot.devices.map(viewChip),
    processes: snapshot.processes.map((process) => viewProcess(process, parts.get(process.pid) ?? [])),
    missingRights: snapshot.missingRights,
    failedCollectors: snapshot.collectors
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'running')
      .map(({ name }) => name),
  };
}

function viewChip(device: DeviceSnapshot): ChipView {
  const { card, memory, capacity } = device;
  const totals = memory?.totals ?? noMemory();
  return {
    device: device.label,
    board: device.board,
    arch: device.arch,
    serial: device.serial?.toString(16).padStart(16, '0').toUpperCase(),
    pciAddress: card?.pciAddress,
    gateway: device.gateway,
    state: card?.state,
    temperature: card?.temperature ?? NOTHING_READ,
    power: card?.power ?? NOTHING_READ,
    clockHertz: card?.clocks.ai,
    dram: { usedBytes: dramBytes(totals), capacityBytes: capacity.dramBytes },
    l1: { usedBytes: l1Bytes(totals), capacityBytes: capacity.l1Bytes },
    totals,
    unattributed: memory?.unattributed ?? noMemory(),
    orphansKnown: memory?.orphaned !== undefined,
    tracker: memory === undefined ? undefined : { source: memory.source, version: memory.version },
    trackerStates: device.trackers.map(({ source, state }) => ({ source, state })),
    holders:
      device.holders === undefined
        ? undefined
        : { descriptors: device.holders.descriptors, invisible: device.holders.invisible },
  };
}

/** Of every pid label: what it has on each chip, in the order of the chips. */
function partsByPid(devices: readonly DeviceSnapshot[]): Map<string, ProcessChipView[]> {
  const parts = new Map<string, ProcessChipView[]>();
  for (const device of devices) {
    for (const [pid, part] of partsOf(device)) {
      const known = parts.get(pid);
      if (known === undefined) parts.set(pid, [part]);
      else known.push(part);
    }
  }
  return parts;
}

function partsOf({ label, memory, holders }: DeviceSnapshot): Map<string, ProcessChipView> {
  const orphaned = new Set(memory?.orphaned?.map(({ pid }) => pid));
  const held = new Map(holders?.byPid.map(({ pid, descriptors }) => [pid, descriptors]));
  const parts = new Map<string, ProcessChipView>();
  for (const { pid, bytes } of memory?.processes ?? []) {
    parts.set(pid, { device: label, bytes, orphaned: orphaned.has(pid), descriptors: held.get(pid) });
  }
  // Where single processes are not shown, those that leaked can be.
  for (const { pid, bytes } of memory?.orphaned ?? []) {
    if (pid !== '' && !parts.has(pid)) parts.set(pid, { device: label, bytes, orphaned: true, descriptors: undefined });
  }
  for (const [pid, descriptors] of held) {
    if (!parts.has(pid)) parts.set(pid, { device: label, bytes: noMemory(), orphaned: false, descriptors });
  }
  return parts;
}

function viewProcess(process: ProcessSnapshot, chips: readonly ProcessChipView[]): ProcessView {
  return {
    pid: process.pid,
    name: process.comm,
    owner: ownerOf(process),
    user: process.user,
    alive: process.alive,
    startTimeSeconds: process.startTimeSeconds,
    chips,
  };
}
