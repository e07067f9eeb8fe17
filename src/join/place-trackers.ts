import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import type { DeviceDraft, DeviceDrafts } from './device-draft.ts';
import type { JoinError, JoinInputs } from './inputs.ts';
import { trackRegion } from './region-tracker.ts';
import { resolveRegions } from './resolve-regions.ts';
import { ALLOCATION_SERVER, trackServer } from './server-tracker.ts';
import type { TrackedChip } from './tracked-chip.ts';

/** Gives every region to the device that it is of; one that no card explains becomes a device of its own. */
export function placeRegions(drafts: DeviceDrafts, cards: readonly Card[], inputs: JoinInputs): void {
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
export function placeServer(drafts: DeviceDrafts, inputs: JoinInputs): JoinError[] {
  if (inputs.allocationServer === undefined) return [];
  const remoteRegions = drafts.values().some((draft) => draft.remote && draft.tracked.length > 0);
  const errors: JoinError[] = [];
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

/** The device of a further tracker's chip; undefined for a driver's number that no card has. */
export function draftOf(drafts: DeviceDrafts, chip: TrackedChip): DeviceDraft | undefined {
  switch (chip.chip.by) {
    case 'driver_index':
      return drafts.ofDriverIndex(chip.chip.index);
    case 'logical_id':
      return drafts.ofCertainLogicalId(chip.chip.id) ?? drafts.ofUncertainLogicalId(chip.chip.id);
    case 'unique_id':
      return drafts.ofUnknownChip(chip.chip.id);
  }
}
