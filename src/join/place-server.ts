import { addMemory, holdsMemory, noMemory, withoutMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { AllocationServerReading } from '../sources/allocation-server/types.ts';
import { boundedErrors } from './bounded-errors.ts';
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

/**
 * Gives what an allocation server says of each number to the device that is meant. Which of its numbers is a remote chip's
 * cannot be told: of several n300s, or of one beside cards that may have a number or not. Regions can: where there are any
 * of remote chips, such numbers are left out, and that is said.
 */
export function placeServer(drafts: DeviceDrafts, numbers: OwnNumbers | undefined, inputs: JoinInputs): JoinError[] {
  if (inputs.allocationServer === undefined || numbers === undefined) return [];
  const remoteRegions = drafts.values().some((draft) => draft.remote && draft.tracked.length > 0);
  const { chips, moved, lost } = separate(trackServer(inputs.allocationServer), numbers);
  const doubtful = new Set([...new Set(lost.map(({ pid }) => pid))].flatMap((pid) => numbers.candidates(pid)));
  const { mixedNumbers: mixed } = inputs;
  mixed.add(inputs.allocationServer.startTimeSeconds, mixedFromNowOn(inputs.allocationServer, numbers, moved));
  // What cannot be told now may be the host's number after all, and is known at the next scrape.
  const unsure = new Set([...lost.map(({ number }) => number), ...[...doubtful].map((card) => numbers.numberOf(card))]);
  const errors = inputs.memorySource === 'shared-memory' ? [] : lostErrors(lost);
  const add = (draft: DeviceDraft, chip: TrackedChip): void => {
    const isLess = draft.card !== undefined && doubtful.has(draft.card);
    draft.tracked.push(isLess ? { ...chip, state: 'partial' } : chip);
  };
  for (const chip of chips) {
    if (chip.chip.by !== 'logical_id') continue;
    const certain = drafts.ofCertainLogicalId(chip.chip.id);
    const isMixed = mixed.has(chip.chip.id) || unsure.has(chip.chip.id);
    if (certain === undefined && saysNothing(chip, isMixed)) continue;
    if (certain === undefined && remoteRegions && inputs.memorySource === 'auto') {
      const message = `the allocation server's device ${chip.chip.id} is left out: it may be a remote chip of an n300, and the regions say whose is whose`;
      errors.push({ collector: ALLOCATION_SERVER, reason: UNRESOLVED_DEVICE, message });
      continue;
    }
    add(certain ?? drafts.ofUncertainLogicalId(chip.chip.id), isMixed ? withoutHistory(chip) : chip);
  }
  // After the others: what the server says of the chip itself comes first.
  for (const { to, chip } of moved) add(drafts.ofCard(to.card, to.remote), chip);
  return errors;
}

/**
 * Dialect A does not say how many devices there are: an all-zero answer about one that nobody else knows is no device. Nor
 * is a number that only those have used who meant other chips by it.
 */
function saysNothing(chip: TrackedChip, isMixed: boolean): boolean {
  const capacity = chip.extras?.capacity;
  const isSized = capacity?.l1Bytes !== undefined || capacity?.dramBytes !== undefined;
  return !chip.inUse && (!isSized || (isMixed && chip.processes?.length === 0));
}

type OtherChip = Exclude<MeantChip, string>;

/** A process that means another chip by a number than the host has under it, and what it holds there. */
interface Moved {
  readonly number: number;
  readonly to: OtherChip;
  readonly chip: TrackedChip;
}

/** A process of which it cannot be told what it means by a number. */
interface Lost {
  readonly number: number;
  readonly pid: number;
}

interface Separated {
  /** What is left under the server's numbers. */
  readonly chips: readonly TrackedChip[];
  readonly moved: readonly Moved[];
  readonly lost: readonly Lost[];
}

/** Takes out the processes that mean other chips by the server's numbers than this host has under them. */
function separate(tracked: readonly TrackedChip[], numbers: OwnNumbers): Separated {
  const moved: Moved[] = [];
  const lost: Lost[] = [];
  const chips = tracked.map((chip) => {
    const { chip: reference, processes } = chip;
    if (reference.by !== 'logical_id' || processes === undefined) return chip;
    const { id: number } = reference;
    const staying: TrackedProcess[] = [];
    const taken = noMemory();
    for (const process of processes) {
      const { hostPid: pid = -1, bytes } = process;
      const to = numbers.meant(process.hostPid, number);
      if (to === 'host') {
        staying.push(process);
        continue;
      }
      addMemory(taken, bytes);
      if (to === 'unknown') lost.push({ number, pid });
      else
        moved.push({
          number,
          to,
          chip: { ...partOf(chip, [process], bytes), chip: referenceTo(to), extras: undefined },
        });
    }
    return staying.length === processes.length ? chip : partOf(chip, staying, withoutMemory(chip.totals, taken));
  });
  return { chips, moved, lost };
}

/** Numbers that are of several chips, or of a part of one: those that were reported, and those of the chips that are meant. */
function mixedFromNowOn(
  { endedProcesses }: AllocationServerReading,
  numbers: OwnNumbers,
  moved: readonly Moved[],
): number[] {
  const ended = endedProcesses
    .flatMap((process) => [...(numbers.meantByEnded(process) ?? [])])
    .filter(([, chip]) => chip !== 'host');
  const meant = [...moved.map(({ to }) => to), ...ended.map(([, chip]) => chip)].filter(
    (chip) => typeof chip !== 'string',
  );
  const cards = meant.filter(({ remote }) => !remote).map(({ card }) => card);
  const reported = [...moved.map(({ number }) => number), ...ended.map(([number]) => number)];
  return [...reported, ...cards.map((card) => numbers.numberOf(card))];
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

function lostErrors(lost: readonly Lost[]): JoinError[] {
  const message = (what: string): string =>
    `${what}, which is left out: it may count only those of the host's chips that it sees, and which one it means cannot be told`;
  return boundedErrors({ collector: ALLOCATION_SERVER, reason: UNRESOLVED_DEVICE }, lost, {
    of: ({ pid, number }) => message(`process ${pid} reports device ${number}`),
    more: (count) => message(`${count} more reports of devices`),
  });
}
