import { COUNTERS, noBytes } from './region-book.ts';
import type { MemoryBytes } from '../../src/snapshot/memory-types.ts';
import type { DeviceMemory } from '../../src/snapshot/snapshot.ts';
import type { BookSlot, Bytes } from './region-book.ts';
import type { Shown, SlotTruth } from './truth.ts';
import type { WorldRegion } from './world-region.ts';

/** A slot with what may be said of it. */
export interface TrueSlot {
  readonly slot: BookSlot;
  readonly region: WorldRegion;
  readonly truth: SlotTruth;
}

/** A slot with what is said of it. */
export interface ShownSlot extends TrueSlot {
  readonly shown: Shown;
  readonly label: string;
}

/**
 * Finds how the slots of one number are shown, such that the bytes of the labels that this number can have come out
 * right, those that nothing is under too; undefined where nothing that may be said gives that. `pids`: every host PID of
 * that number.
 */
export function matchSlots(
  slots: readonly TrueSlot[],
  pids: readonly number[],
  memory: DeviceMemory,
): readonly ShownSlot[] | undefined {
  const labels = [`?${slots[0]?.slot.pid ?? ''}`, ...pids.map(String)];
  const wanted = JSON.stringify(labels.map((label) => bytesUnder(label, memory)));
  for (const readings of combinations(slots)) {
    const sums = labels.map((label) => [
      addUp(readings.filter((reading) => reading.label === label)),
      addUp(readings.filter((reading) => reading.label === label && reading.shown === 'gone')),
    ]);
    if (JSON.stringify(sums) === wanted) return readings;
  }
  return undefined;
}

/** What is shown under a label, and as orphaned. null: it is not there. */
export function bytesUnder(label: string, { processes = [], orphaned = [] }: DeviceMemory): (Bytes | null)[] {
  return [processes, orphaned].map((entries) => {
    const entry = entries.find(({ pid }) => pid === label);
    return entry === undefined ? null : known(entry.bytes);
  });
}

export function known(memory: Readonly<MemoryBytes>): Bytes {
  const bytes = noBytes();
  for (const counter of COUNTERS) bytes[counter] = memory[counter] ?? 0;
  return bytes;
}

function addUp(slots: readonly ShownSlot[]): Bytes | null {
  if (slots.length === 0) return null;
  const sum = noBytes();
  for (const { slot } of slots) for (const counter of COUNTERS) sum[counter] += slot.bytes[counter];
  return sum;
}

/** Every way to say something of each, what decides it first. */
function* combinations([first, ...rest]: readonly TrueSlot[]): Generator<readonly ShownSlot[]> {
  if (first === undefined) {
    yield [];
    return;
  }
  const { may, guesses, decided } = first.truth;
  const choices = new Set<Shown>([...(decided === undefined ? [] : [decided]), ...may, ...guesses]);
  for (const shown of choices) {
    const label = typeof shown === 'number' ? `${shown}` : `?${first.slot.pid}`;
    for (const others of combinations(rest)) yield [{ ...first, shown, label }, ...others];
  }
}
