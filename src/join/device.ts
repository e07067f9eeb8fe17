import { deviceCapacity } from '../capacity/device-capacity.ts';
import type { ChipFacts } from '../capacity/device-capacity.ts';
import { estimateMemory } from '../capacity/estimates.ts';
import type { DeviceHoldersSnapshot, DeviceSnapshot, TrackerState, TrackerStatus } from '../snapshot/snapshot.ts';
import type { DeviceHolders } from '../sources/procfs/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import { chooseTracker } from './choose-tracker.ts';
import type { DeviceDraft } from './device-draft.ts';
import { deviceMemory } from './device-memory.ts';
import type { JoinInputs } from './inputs.ts';
import { mergeTracked, worseState } from './merge-trackers.ts';
import { SHARED_MEMORY } from './region-tracker.ts';
import { ALLOCATION_SERVER } from './server-tracker.ts';
import type { TrackedChip } from './tracked-chip.ts';

/** A device, and the tracker that was chosen for it. */
export interface JoinedDevice {
  readonly device: DeviceSnapshot;
  readonly tracker: TrackedChip | undefined;
}

/** `anyChip`: of one that cannot be told from its siblings. */
export function joinDevice(draft: DeviceDraft, inputs: JoinInputs, anyChip: ChipFacts): JoinedDevice {
  const bySource = mergeBySource(draft.tracked);
  const tracker = chooseTracker([...bySource.values()], inputs.memorySource);
  const facts = draft.card === undefined ? anyChip : chipFacts(draft.card);
  const server = bySource.get(ALLOCATION_SERVER);
  const capacity = deviceCapacity(facts, server?.extras?.capacity, inputs.capacityConfig);
  const arch = facts.arch ?? server?.extras?.capacity.arch;
  const holders = joinHolders(draft, inputs);
  const shared = bySource.get(SHARED_MEMORY);
  const device: DeviceSnapshot = {
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
    memory: tracker === undefined ? undefined : deviceMemory(tracker, inputs.procfs),
    trackers: trackerStatuses(bySource, inputs, mayHideRegions(draft, inputs)),
    regions: inputs.sharedMemory === undefined ? undefined : countRegions(draft),
    regionSlotsUsed: shared?.slotsUsed,
    holders: inputs.shown.has('procfs') ? holders : undefined,
  };
  return { device, tracker };
}

/** Preferred sources first: what is beyond the two, then the server, then the regions. */
function mergeBySource(tracked: readonly TrackedChip[]): Map<string, TrackedChip> {
  const bySource = new Map<string, TrackedChip[]>();
  for (const chip of tracked) {
    const others = bySource.get(chip.source);
    if (others === undefined) bySource.set(chip.source, [chip]);
    else others.push(chip);
  }
  const merged = new Map<string, TrackedChip>();
  const add = (source: string): void => {
    const chip = mergeTracked(bySource.get(source) ?? []);
    if (chip !== undefined) merged.set(source, chip);
  };
  for (const source of bySource.keys()) if (source !== ALLOCATION_SERVER && source !== SHARED_MEMORY) add(source);
  add(ALLOCATION_SERVER);
  add(SHARED_MEMORY);
  return merged;
}

function chipFacts(card: Card): ChipFacts {
  return { ...factsOfCard(card), serial: card.serial?.toString(16).toUpperCase().padStart(16, '0') };
}

function factsOfCard(card: Card): ChipFacts {
  const bundle = card.firmware.find((firmware) => firmware.component === 'bundle');
  return { board: card.board, arch: card.arch, firmwareBundle: bundle?.version, serial: undefined };
}

/**
 * A chip that cannot be told from its siblings is like all of them, where all are alike: on a Galaxy no region says
 * which of the 32 chips it is of, and each has the same memory.
 */
export function factsOfAnyChip(cards: readonly Card[]): ChipFacts {
  const [first, ...rest] = cards.map(factsOfCard);
  const alike = (facts: ChipFacts) => facts.board === first?.board && facts.firmwareBundle === first?.firmwareBundle;
  const known = first?.board !== undefined && rest.every(alike);
  return known ? first : { board: undefined, arch: undefined, firmwareBundle: undefined, serial: undefined };
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
  const known = rememberedHolders.get(holders) ?? describeHolders(holders);
  rememberedHolders.set(holders, known);
  return known;
}

/** A list of the driver that reads as it did before is the same object. */
const rememberedHolders = new WeakMap<DeviceHolders, DeviceHoldersSnapshot>();

function describeHolders({ descriptors, invisible, byPid }: DeviceHolders): DeviceHoldersSnapshot {
  return {
    descriptors,
    invisible,
    byPid: Array.from(byPid, ([pid, count]) => ({ pid: `${pid}`, descriptors: count })),
  };
}

function isHeld(draft: DeviceDraft, inputs: JoinInputs, tracker: TrackedChip | undefined): boolean | undefined {
  const index = draft.card?.driverIndex;
  const holders = index === undefined ? undefined : inputs.procfs?.devices.get(index);
  if (holders !== undefined) return holders.descriptors > 0;
  return tracker?.inUse === true ? true : undefined;
}

/** A process has the chip open that may not be looked into: it may have a region in a /dev/shm of its own. */
function mayHideRegions(draft: DeviceDraft, { sharedMemory, procfs }: JoinInputs): boolean {
  const unseen = sharedMemory?.unseenHolders;
  const index = draft.card?.driverIndex;
  if (unseen === undefined || index === undefined) return false;
  const holders = procfs?.devices.get(index)?.byPid;
  return unseen.some((pid) => holders?.has(pid) === true);
}

/** `hidden`: there may be regions of the chip that are not seen. */
function trackerStatuses(
  bySource: ReadonlyMap<string, TrackedChip>,
  inputs: JoinInputs,
  hidden: boolean,
): TrackerStatus[] {
  const withHidden = (state: TrackerState) => (hidden ? worseState(state, 'unverifiable') : state);
  const statuses = [...bySource.values()].map(({ source, state, lastUpdateSeconds }) => ({
    source,
    state: source === SHARED_MEMORY ? withHidden(state) : state,
    lastUpdateSeconds,
  }));
  const add = (source: string, state: TrackerState) => {
    if (!bySource.has(source)) statuses.push({ source, state, lastUpdateSeconds: undefined });
  };
  if (inputs.allocationServer?.status === 'untrusted') add(ALLOCATION_SERVER, 'untrusted');
  else if (inputs.allocationServerFailed) add(ALLOCATION_SERVER, 'unreadable');
  if (inputs.sharedMemory !== undefined) add(SHARED_MEMORY, withHidden('absent'));
  return statuses;
}

function countRegions(draft: DeviceDraft): Map<TrackerState, number> {
  const counts = new Map<TrackerState, number>();
  for (const chip of draft.tracked) {
    if (chip.source === SHARED_MEMORY) counts.set(chip.state, (counts.get(chip.state) ?? 0) + 1);
  }
  return counts;
}
