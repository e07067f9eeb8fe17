import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import type { RegionReading } from '../sources/shared-memory/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import type { DeviceDraft, DeviceDrafts } from './device-draft.ts';
import type { JoinError, JoinInputs } from './inputs.ts';
import { distrustRegion, SHARED_MEMORY, trackRegion } from './region-tracker.ts';
import { RegionTrust } from './region-trust.ts';
import { resolveRegions } from './resolve-regions.ts';
import { ALLOCATION_SERVER, trackServer } from './server-tracker.ts';
import type { TrackedChip } from './tracked-chip.ts';

/** Regions that are named one by one where they are not believed: a tenant can make any number of them. */
const MAX_UNTRUSTED_NAMED = 16;

/**
 * Gives every region to the device that it is of; one that no card explains becomes a device of its own, unless nobody
 * can be believed to have that chip. Gives what is not believed.
 */
export function placeRegions(drafts: DeviceDrafts, cards: readonly Card[], inputs: JoinInputs): JoinError[] {
  const regions = inputs.sharedMemory?.regions ?? [];
  const chips = resolveRegions(regions, cards, inputs.procfs);
  const trust = new RegionTrust(regions, chips, cards, inputs.procfs);
  const trusted = new Set(regions.filter((region) => trust.isTrusted(region, chips.get(region))));
  const unexplained = new Set<bigint>();
  for (const region of trusted) {
    const chip = chips.get(region);
    const draft = chip === undefined ? drafts.ofUnknownChip(region.nameId) : drafts.ofCard(chip.card, chip.remote);
    if (chip === undefined) unexplained.add(region.nameId);
    if (region.namespaces === undefined) draft.chipId = region.nameId;
    else draft.chipId ??= region.nameId;
    draft.tracked.push(trackRegion(region, inputs.procfs, holdersOf(draft.card, region, inputs.procfs)));
  }
  const untrusted = regions.filter((region) => !trusted.has(region));
  for (const region of untrusted) {
    const chip = chips.get(region);
    // No device is made for the claim alone: any number of names could be made up.
    if (chip === undefined && !unexplained.has(region.nameId)) continue;
    const draft = chip === undefined ? drafts.ofUnknownChip(region.nameId) : drafts.ofCard(chip.card, chip.remote);
    draft.tracked.push(distrustRegion(region));
  }
  return untrustedErrors(untrusted);
}

function untrustedErrors(untrusted: readonly RegionReading[]): JoinError[] {
  const named = untrusted.slice(0, MAX_UNTRUSTED_NAMED).map(({ path }) => {
    const message = `${path} is not believed: no process of its mount namespace is known to hold the chip that it claims to be of`;
    return { collector: SHARED_MEMORY, reason: 'untrusted', message };
  });
  const more = untrusted.length - named.length;
  if (more > 0) {
    named.push({ collector: SHARED_MEMORY, reason: 'untrusted', message: `${more} more regions are not believed` });
  }
  return named;
}

/** Of a container's region only the processes of its mount namespaces can be writers. */
function holdersOf(
  card: Card | undefined,
  { namespaces }: RegionReading,
  procfs: ProcfsReading | undefined,
): HostProcess[] {
  if (card?.driverIndex === undefined || procfs === undefined) return [];
  const pids = procfs.devices.get(card.driverIndex)?.byPid.keys() ?? [];
  return [...pids]
    .flatMap((pid) => procfs.processes.get(pid) ?? [])
    .filter(
      ({ mountNamespace }) =>
        namespaces === undefined || (mountNamespace !== undefined && namespaces.includes(mountNamespace)),
    );
}

/**
 * Which of the server's numbers is a remote chip's cannot be told: of several n300s, or of one beside cards that may have a
 * number or not. Regions can: where there are any of remote chips, such numbers are left out, and that is said.
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
      const message = `the allocation server's device ${chip.chip.id} is left out: it may be a remote chip of an n300, and the regions say whose is whose`;
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
