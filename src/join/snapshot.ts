import { deviceCapacity } from '../capacity/device-capacity.ts';
import type { CapacityConfig } from '../capacity/config.ts';
import { estimateMemory } from '../capacity/estimates.ts';
import type { MemorySourceChoice } from '../collect/types.ts';
import type { AllocationServerReading } from '../sources/allocation-server/types.ts';
import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import type { SharedMemoryReading } from '../sources/shared-memory/types.ts';
import { CARD_STATES } from '../sources/sysfs/types.ts';
import type { Card, CardState, SysfsReading } from '../sources/sysfs/types.ts';
import type {
  DeviceHoldersSnapshot,
  DeviceSnapshot,
  Snapshot,
  TrackerState,
  TrackerStatus,
} from '../snapshot/snapshot.ts';
import { joinAllocationServer } from './allocation-server.ts';
import { chooseTracker } from './choose-tracker.ts';
import { DeviceDrafts } from './device-draft.ts';
import type { DeviceDraft } from './device-draft.ts';
import { deviceMemory } from './device-memory.ts';
import { mergeTracked } from './merge-trackers.ts';
import { joinProcesses } from './processes.ts';
import { SHARED_MEMORY, trackRegion } from './region-tracker.ts';
import { resolveRegions } from './resolve-regions.ts';
import { ALLOCATION_SERVER, trackServer } from './server-tracker.ts';
import type { TrackedChip } from './tracked-chip.ts';

/** Everything that one collection read. A source's reading is undefined where it was not asked or has nothing. */
export interface JoinInputs {
  readonly takenAtSeconds: number;
  /** Names of the collectors whose numbers the answer shows; others may have been read to tell which chip is which. */
  readonly shown: ReadonlySet<string>;
  readonly sysfs: SysfsReading | undefined;
  readonly procfs: ProcfsReading | undefined;
  readonly sharedMemory: SharedMemoryReading | undefined;
  readonly allocationServer: AllocationServerReading | undefined;
  /** The server is there and could not be read. */
  readonly allocationServerFailed: boolean;
  /** From sources beyond the two; they are preferred to both, in this order. */
  readonly furtherTrackers: readonly TrackedChip[];
  readonly memorySource: MemorySourceChoice;
  readonly capacityConfig: CapacityConfig | undefined;
  readonly devicesExpected: number | undefined;
  readonly maintenance: boolean | undefined;
}

/** A snapshot but for what the collection itself adds. */
export interface Joined {
  readonly snapshot: Omit<Snapshot, 'collectors' | 'readErrors'>;
  /** Numbers that had to be left out because it cannot be told whose they are. */
  readonly errors: readonly { readonly collector: string; readonly reason: string; readonly message: string }[];
}

/** Joins what the sources read into one snapshot. Pure. */
export function joinSnapshot(inputs: JoinInputs): Joined {
  const cards = inputs.sysfs?.cards ?? [];
  const drafts = new DeviceDrafts(cards);
  addRegions(drafts, cards, inputs);
  const errors = addServer(drafts, inputs);
  for (const chip of inputs.furtherTrackers) draftOf(drafts, chip)?.tracked.push(chip);
  const chosen: TrackedChip[] = [];
  const devices = drafts.values().map((draft) => joinDevice(draft, inputs, chosen));
  const labels = new Map(
    drafts.values().flatMap((draft) => draft.tracked.flatMap((chip) => logicalLabel(chip, draft.label))),
  );
  const sysfsShown = inputs.sysfs !== undefined && inputs.shown.has('sysfs');
  return {
    snapshot: {
      takenAtSeconds: inputs.takenAtSeconds,
      driverVersion: sysfsShown ? inputs.sysfs.driverVersion : undefined,
      devicesExpected: inputs.devicesExpected,
      maintenance: inputs.maintenance,
      devicesByState: sysfsShown ? countStates(cards) : undefined,
      devicesSkipped: sysfsShown ? cards.filter((card) => card.state === undefined).length : undefined,
      missingRights: inputs.procfs?.missingRights ?? [],
      devices,
      processes: joinProcesses(chosen, shownHolders(devices), inputs.procfs),
      processesFolded: 0,
      allocationServer: joinAllocationServer(inputs, labels),
    },
    errors,
  };
}

function addRegions(drafts: DeviceDrafts, cards: readonly Card[], inputs: JoinInputs): void {
  const regions = inputs.sharedMemory?.regions ?? [];
  const chips = resolveRegions(regions, cards, inputs.procfs);
  for (const region of regions) {
    const chip = chips.get(region);
    const draft = chip === undefined ? drafts.ofUnknownChip(region.nameId) : drafts.ofCard(chip.card, chip.remote);
    draft.chipId = region.nameId;
    draft.tracked.push(trackRegion(region, inputs.procfs, holdersOf(draft.card, inputs.procfs)));
  }
}

function holdersOf(card: Card | undefined, procfs: ProcfsReading | undefined): HostProcess[] {
  if (card?.driverIndex === undefined || procfs === undefined) return [];
  const pids = procfs.devices.get(card.driverIndex)?.byPid.keys() ?? [];
  return [...pids].flatMap((pid) => procfs.processes.get(pid) ?? []);
}

/**
 * With more than one n300 the server's numbers of the remote chips cannot be told apart. Regions can: where there are
 * any of remote chips, the server's are left out, and that is said.
 */
function addServer(drafts: DeviceDrafts, inputs: JoinInputs): Joined['errors'] {
  if (inputs.allocationServer === undefined) return [];
  const remoteRegions = drafts.values().some((draft) => draft.remote && draft.tracked.length > 0);
  const errors: Joined['errors'][number][] = [];
  for (const chip of trackServer(inputs.allocationServer)) {
    if (chip.chip.by !== 'logical_id') continue;
    const certain = drafts.ofCertainLogicalId(chip.chip.id);
    if (certain === undefined && saysNothing(chip)) continue;
    if (certain === undefined && remoteRegions && inputs.memorySource === 'auto') {
      const message = `the allocation server's device ${chip.chip.id} is left out: it is one of several remote chips, and their regions say which is which`;
      errors.push({ collector: ALLOCATION_SERVER, reason: 'unresolved_device', message });
      continue;
    }
    (certain ?? drafts.ofUncertainLogicalId(chip.chip.id)).tracked.push(chip);
  }
  return errors;
}

/** Dialect A does not say how many devices there are: an all-zero answer about one that nobody else knows is no device. */
function saysNothing(chip: TrackedChip): boolean {
  const capacity = chip.extras?.capacity;
  return !chip.inUse && capacity?.l1Bytes === undefined && capacity?.dramBytes === undefined;
}

function draftOf(drafts: DeviceDrafts, chip: TrackedChip): DeviceDraft | undefined {
  switch (chip.chip.by) {
    case 'driver_index':
      return drafts.ofDriverIndex(chip.chip.index);
    case 'logical_id':
      return drafts.ofCertainLogicalId(chip.chip.id) ?? drafts.ofUncertainLogicalId(chip.chip.id);
    case 'unique_id':
      return drafts.ofUnknownChip(chip.chip.id);
  }
}

function logicalLabel(chip: TrackedChip, label: string): (readonly [number, string])[] {
  return chip.chip.by === 'logical_id' ? [[chip.chip.id, label]] : [];
}

function joinDevice(draft: DeviceDraft, inputs: JoinInputs, chosen: TrackedChip[]): DeviceSnapshot {
  const bySource = mergeBySource(draft.tracked);
  const tracker = chooseTracker([...bySource.values()], inputs.memorySource);
  if (tracker !== undefined) chosen.push(tracker);
  const facts = chipFacts(draft);
  const server = bySource.get(ALLOCATION_SERVER);
  const capacity = deviceCapacity(facts, server?.extras?.capacity, inputs.capacityConfig);
  const arch = facts.arch ?? server?.extras?.capacity.arch;
  const holders = joinHolders(draft, inputs);
  const shared = bySource.get(SHARED_MEMORY);
  return {
    label: draft.label,
    card: draft.remote || !inputs.shown.has('sysfs') ? undefined : draft.card,
    gateway: draft.remote && draft.card !== undefined ? `${draft.card.index}` : undefined,
    logicalId: draft.logicalId,
    chipId: draft.chipId,
    location: locationOf(draft),
    board: facts.board,
    serial: draft.card?.serial,
    arch,
    capacity,
    estimates: estimateMemory(arch, capacity, tracker?.totals, isHeld(draft, inputs, tracker)),
    memory: tracker === undefined ? undefined : deviceMemory(tracker),
    trackers: trackerStatuses(bySource, inputs),
    regions: inputs.sharedMemory === undefined ? undefined : countRegions(draft),
    regionSlotsUsed: shared?.slotsUsed,
    holders: inputs.shown.has('procfs') ? holders : undefined,
  };
}

/** Preferred sources first: what is beyond the two, then the server, then the regions. */
function mergeBySource(tracked: readonly TrackedChip[]): Map<string, TrackedChip> {
  const sources = new Set(tracked.map((chip) => chip.source));
  const known = [ALLOCATION_SERVER, SHARED_MEMORY];
  const ordered = [...[...sources].filter((source) => !known.includes(source)), ...known];
  const merged = new Map<string, TrackedChip>();
  for (const source of ordered) {
    const chip = mergeTracked(tracked.filter((candidate) => candidate.source === source));
    if (chip !== undefined) merged.set(source, chip);
  }
  return merged;
}

function chipFacts(draft: DeviceDraft) {
  const { card } = draft;
  return {
    board: card?.board,
    arch: card?.arch,
    firmwareBundle: card?.firmware.find((firmware) => firmware.component === 'bundle')?.version,
    serial: card?.serial?.toString(16).toUpperCase().padStart(16, '0'),
  };
}

/** Only where the board tells: on an n300 the chip on PCIe is at 0, the remote one at 1. */
function locationOf(draft: DeviceDraft): number | undefined {
  if (draft.card?.board !== 'n300') return undefined;
  return draft.remote ? 1 : 0;
}

function joinHolders(draft: DeviceDraft, inputs: JoinInputs): DeviceHoldersSnapshot | undefined {
  const index = draft.remote ? undefined : draft.card?.driverIndex;
  const holders = index === undefined ? undefined : inputs.procfs?.devices.get(index);
  if (holders === undefined) return undefined;
  const byPid = [...holders.byPid].map(([pid, descriptors]) => ({ pid: `${pid}`, descriptors }));
  return { descriptors: holders.descriptors, invisible: holders.invisible, byPid };
}

function isHeld(draft: DeviceDraft, inputs: JoinInputs, tracker: TrackedChip | undefined): boolean | undefined {
  const index = draft.card?.driverIndex;
  const holders = index === undefined ? undefined : inputs.procfs?.devices.get(index);
  if (holders !== undefined) return holders.descriptors > 0;
  return tracker?.inUse === true ? true : undefined;
}

function trackerStatuses(bySource: ReadonlyMap<string, TrackedChip>, inputs: JoinInputs): TrackerStatus[] {
  const statuses = [...bySource.values()].map(({ source, state, lastUpdateSeconds }) => ({
    source,
    state,
    lastUpdateSeconds,
  }));
  const add = (source: string, state: TrackerState) => {
    if (!bySource.has(source)) statuses.push({ source, state, lastUpdateSeconds: undefined });
  };
  if (inputs.allocationServer?.status === 'untrusted') add(ALLOCATION_SERVER, 'untrusted');
  else if (inputs.allocationServerFailed) add(ALLOCATION_SERVER, 'unreadable');
  if (inputs.sharedMemory !== undefined) add(SHARED_MEMORY, 'absent');
  return statuses;
}

function countRegions(draft: DeviceDraft): Map<TrackerState, number> {
  const counts = new Map<TrackerState, number>();
  for (const chip of draft.tracked) {
    if (chip.source === SHARED_MEMORY) counts.set(chip.state, (counts.get(chip.state) ?? 0) + 1);
  }
  return counts;
}

function countStates(cards: readonly Card[]): Record<CardState, number> {
  const counts = Object.fromEntries(CARD_STATES.map((state) => [state, 0])) as Record<CardState, number>;
  for (const card of cards) if (card.state !== undefined) counts[card.state]++;
  return counts;
}

function shownHolders(devices: readonly DeviceSnapshot[]): Set<number> {
  return new Set(devices.flatMap((device) => device.holders?.byPid.map((holder) => Number(holder.pid)) ?? []));
}
