import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import type { RegionReading } from '../sources/shared-memory/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import { boundedErrors } from './bounded-errors.ts';
import type { DeviceDraft, DeviceDrafts } from './device-draft.ts';
import type { JoinError, JoinInputs } from './inputs.ts';
import { distrustRegion, SHARED_MEMORY, trackRegion } from './region-tracker.ts';
import { RegionTrust } from './region-trust.ts';
import { resolveRegions } from './resolve-regions.ts';
import type { TrackedChip } from './tracked-chip.ts';

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
  return boundedErrors({ collector: SHARED_MEMORY, reason: 'untrusted' }, untrusted, {
    of: ({ path }) =>
      `${path} is not believed: no process of its mount namespace is known to hold the chip that it claims to be of`,
    more: (count) => `${count} more regions are not believed`,
  });
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
