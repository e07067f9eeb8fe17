import { CARD_STATES } from '../sources/sysfs/types.ts';
import type { Card, CardState } from '../sources/sysfs/types.ts';
import type { DeviceSnapshot, Snapshot } from '../snapshot/snapshot.ts';
import { joinAllocationServer } from './allocation-server.ts';
import type { DeviceLabels } from './allocation-server.ts';
import { factsOfAnyChip, joinDevice } from './device.ts';
import { DeviceDrafts } from './device-draft.ts';
import type { JoinError, JoinInputs } from './inputs.ts';
import { OwnNumbers } from './own-numbers.ts';
import { placeServer } from './place-server.ts';
import { draftOf, placeRegions } from './place-trackers.ts';
import { limitDetail, occurringPids } from './process-detail.ts';
import { joinProcesses } from './processes.ts';
import type { TrackedChip } from './tracked-chip.ts';
import { withWatched } from './watched-regions.ts';

/** A snapshot but for what the collection itself adds. */
export interface Joined {
  readonly snapshot: Omit<Snapshot, 'collectors' | 'readErrors'>;
  /** Numbers that had to be left out because it cannot be told whose they are. */
  readonly errors: readonly JoinError[];
}

/**
 * Joins what the sources read into one snapshot. Pure, but for what the inputs remember: who was shown, which cards were
 * open, which numbers are mixed.
 */
export function joinSnapshot(inputs: JoinInputs): Joined {
  const cards = inputs.sysfs?.cards ?? [];
  const drafts = new DeviceDrafts(cards);
  const numbers = ownNumbers(cards, inputs);
  const errors = [...placeRegions(drafts, cards, inputs), ...placeServer(drafts, numbers, inputs)];
  for (const chip of inputs.furtherTrackers) draftOf(drafts, chip)?.tracked.push(chip);
  const anyChip = factsOfAnyChip(cards);
  const joined = drafts.values().map((draft) => joinDevice(draft, inputs, anyChip));
  const watched = new Map(inputs.allocationServer?.watchedChips.map((chip) => [chip.chipId, chip]));
  const { devices, folded } = limitDetail(
    joined.map(({ device }) => withWatched(device, watched)),
    inputs,
  );
  const chosen = joined.flatMap(({ tracker }) => tracker ?? []);
  const labels: DeviceLabels = {
    byId: new Map(
      drafts.values().flatMap(({ tracked, label }) => tracked.flatMap((chip) => logicalLabel(chip, label))),
    ),
    byChip: chipLabels(devices),
    ofCard: (card, remote) => drafts.ofCard(card, remote).label,
  };
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
      processes: joinProcesses(chosen, occurringPids(devices), inputs),
      processesFolded: folded,
      allocationServer: joinAllocationServer(inputs, labels, numbers),
    },
    errors,
  };
}

function ownNumbers(
  cards: readonly Card[],
  { procfs, allocationServer, openedCards, takenAtSeconds }: JoinInputs,
): OwnNumbers | undefined {
  return allocationServer && new OwnNumbers(cards, procfs, allocationServer, openedCards, takenAtSeconds);
}

function chipLabels(devices: readonly DeviceSnapshot[]): Map<bigint, string> {
  return new Map(devices.flatMap(({ chipId, label }) => (chipId === undefined ? [] : [[chipId, label]])));
}

function logicalLabel(chip: TrackedChip, label: string): (readonly [number, string])[] {
  return chip.chip.by === 'logical_id' ? [[chip.chip.id, label]] : [];
}

function countStates(cards: readonly Card[]): Record<CardState, number> {
  const counts = Object.fromEntries(CARD_STATES.map((state) => [state, 0])) as Record<CardState, number>;
  for (const card of cards) if (card.state !== undefined) counts[card.state]++;
  return counts;
}
