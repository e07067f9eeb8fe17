import { addMemory, holdsMemory, MEMORY_TYPES, noMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import type { DeviceDraft, DeviceDrafts } from './device-draft.ts';
import type { JoinError, JoinInputs } from './inputs.ts';
import type { MeantChip, OwnNumbers } from './own-numbers.ts';
import { ALLOCATION_SERVER, trackServer } from './server-tracker.ts';
import type { ChipReference, TrackedChip, TrackedProcess } from './tracked-chip.ts';

/** Why numbers of a server are left out: which chip they are of cannot be told. */
export const UNRESOLVED_DEVICE = 'unresolved_device';

const NO_EXTRAS = {
  ring: undefined,
  counters: undefined,
  peakBytes: undefined,
  largestFreeBlockBytes: undefined,
  lastFailedAllocationBytes: undefined,
};

/** Processes that are named one by one where their chips cannot be told. */
const MAX_NAMED = 16;

/**
 * Gives what an allocation server says of each number to the device that is meant. Which of its numbers is a remote chip's
 * cannot be told: of several n300s, or of one beside cards that may have a number or not. Regions can: where there are any
 * of remote chips, such numbers are left out, and that is said.
 */
export function placeServer(drafts: DeviceDrafts, numbers: OwnNumbers | undefined, inputs: JoinInputs): JoinError[] {
  if (inputs.allocationServer === undefined || numbers === undefined) return [];
  const remoteRegions = drafts.values().some((draft) => draft.remote && draft.tracked.length > 0);
  const { chips, isWhole, moved, doubtful, errors } = separate(trackServer(inputs.allocationServer), numbers);
  const add = (draft: DeviceDraft, chip: TrackedChip): void => {
    const isLess = draft.card !== undefined && doubtful.has(draft.card);
    draft.tracked.push(isLess ? { ...chip, state: 'partial' } : chip);
  };
  for (const chip of chips) {
    if (chip.chip.by !== 'logical_id') continue;
    const certain = drafts.ofCertainLogicalId(chip.chip.id);
    if (certain === undefined && saysNothing(chip, isWhole)) continue;
    if (certain === undefined && remoteRegions && inputs.memorySource === 'auto') {
      const message = `the allocation server's device ${chip.chip.id} is left out: it may be a remote chip of an n300, and the regions say whose is whose`;
      errors.push({ collector: ALLOCATION_SERVER, reason: UNRESOLVED_DEVICE, message });
      continue;
    }
    add(certain ?? drafts.ofUncertainLogicalId(chip.chip.id), chip);
  }
  // After the others: what the server says of the chip itself comes first.
  for (const [{ card, remote }, chip] of moved) add(drafts.ofCard(card, remote), chip);
  return errors;
}

/**
 * Dialect A does not say how many devices there are: an all-zero answer about one that nobody else knows is no device. Nor
 * is a number that only those have used who meant other chips by it.
 */
function saysNothing(chip: TrackedChip, isWhole: boolean): boolean {
  const capacity = chip.extras?.capacity;
  const isSized = capacity?.l1Bytes !== undefined || capacity?.dramBytes !== undefined;
  return !chip.inUse && (!isSized || (!isWhole && chip.processes?.length === 0));
}

type OtherChip = Exclude<MeantChip, string>;

interface Separated {
  /** What is left under the server's numbers. */
  readonly chips: readonly TrackedChip[];
  /** Whether that is all that the server has said. */
  readonly isWhole: boolean;
  readonly moved: readonly (readonly [OtherChip, TrackedChip])[];
  /** Cards that may have more: what could not be told may be theirs. */
  readonly doubtful: ReadonlySet<Card>;
  readonly errors: JoinError[];
}

/** Takes out the processes that mean other chips by the server's numbers than this host has under them. */
function separate(tracked: readonly TrackedChip[], numbers: OwnNumbers): Separated {
  const moved: (readonly [OtherChip, TrackedChip])[] = [];
  const lost: string[] = [];
  const doubtful = new Set<Card>();
  const chips = tracked.map((chip) => {
    const { chip: reference, processes } = chip;
    if (reference.by !== 'logical_id' || processes === undefined) return chip;
    const staying: TrackedProcess[] = [];
    const taken = noMemory();
    for (const process of processes) {
      const meant = numbers.meant(process.hostPid, reference.id);
      if (meant === 'host') {
        staying.push(process);
        continue;
      }
      addMemory(taken, process.bytes);
      if (meant === 'unknown') {
        const { hostPid = 0 } = process;
        lost.push(`process ${hostPid} reports device ${reference.id}`);
        for (const card of numbers.mayMean(hostPid)) doubtful.add(card);
      } else
        moved.push([meant, { ...partOf(chip, [process], process.bytes), chip: referenceTo(meant), extras: undefined }]);
    }
    return staying.length === processes.length ? chip : partOf(chip, staying, less(chip.totals, taken));
  });
  const isWhole = moved.length === 0 && lost.length === 0;
  // What the server has counted by number since its start is nobody's: of several chips, or of a part of one.
  return { chips: isWhole ? chips : chips.map(withoutHistory), isWhole, moved, doubtful, errors: lostErrors(lost) };
}

/** What some of a chip's processes hold. */
function partOf(chip: TrackedChip, processes: readonly TrackedProcess[], totals: Readonly<MemoryBytes>): TrackedChip {
  const inUse = holdsMemory(totals);
  const times = processes.flatMap(({ detail }) => detail?.lastActivitySeconds ?? []);
  return {
    ...chip,
    // Whose books are not whole is not known any more.
    state: chip.state === 'partial' ? 'partial' : inUse ? 'live' : 'idle',
    lastUpdateSeconds: times.length === 0 ? undefined : Math.max(...times),
    totals,
    processes,
    inUse,
  };
}

/** Not by the server's number, which is another chip's. */
function referenceTo({ card: { driverIndex = -1 } }: OtherChip): ChipReference {
  return { by: 'driver_index', index: driverIndex };
}

function withoutHistory(chip: TrackedChip): TrackedChip {
  return { ...chip, extras: chip.extras && { ...NO_EXTRAS, capacity: chip.extras.capacity } };
}

function less(sum: Readonly<MemoryBytes>, part: Readonly<MemoryBytes>): MemoryBytes {
  const rest = noMemory();
  for (const type of MEMORY_TYPES) {
    const bytes = sum[type];
    if (bytes !== undefined) rest[type] = Math.max(0, bytes - (part[type] ?? 0));
  }
  return rest;
}

function lostErrors(lost: readonly string[]): JoinError[] {
  const error = (message: string): JoinError => ({
    collector: ALLOCATION_SERVER,
    reason: UNRESOLVED_DEVICE,
    message: `${message}, which is left out: it has only some of the host's chips open, so that it may count those alone, and which one it means cannot be told`,
  });
  const named = lost.slice(0, MAX_NAMED).map(error);
  const more = lost.length - named.length;
  return more > 0 ? [...named, error(`${more} more reports of devices`)] : named;
}
