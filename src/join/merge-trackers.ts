import { addMemory, noMemory } from '../snapshot/memory-types.ts';
import { TRACKER_STATES } from '../snapshot/snapshot.ts';
import type { TrackerState } from '../snapshot/snapshot.ts';
import type { TrackedChip } from './tracked-chip.ts';

/** The worse of two states, in the order of TRACKER_STATES. */
export function worseState(a: TrackerState, b: TrackerState): TrackerState {
  return TRACKER_STATES.indexOf(a) <= TRACKER_STATES.indexOf(b) ? a : b;
}

/**
 * What one source says of one chip, all of it: regions in different mounts of /dev/shm are different files with
 * different bytes, so they add up.
 */
export function mergeTracked(chips: readonly TrackedChip[]): TrackedChip | undefined {
  const [first, ...rest] = chips;
  if (first === undefined || rest.length === 0) return first;
  const readable = chips.filter((chip) => chip.readable);
  const totals = noMemory();
  for (const chip of readable) addMemory(totals, chip.totals);
  return {
    ...(readable[0] ?? first),
    state: chips.map((chip) => chip.state).reduce(worseState),
    lastUpdateSeconds: latest(chips.map((chip) => chip.lastUpdateSeconds)),
    totals,
    processes: readable.every((chip) => chip.processes === undefined)
      ? undefined
      : readable.flatMap((chip) => chip.processes ?? []),
    provable: chips.every((chip) => chip.provable),
    inUse: chips.some((chip) => chip.inUse),
    slotsUsed: latest(chips.map((chip) => chip.slotsUsed)),
  };
}

function latest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
