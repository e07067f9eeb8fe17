import { noMemory } from '../../snapshot/memory-types.ts';
import { KERNEL_COUNTERS, PLAIN_COUNTERS } from './counters.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';
import type { RegionSlot } from './types.ts';

/** How the totals of a region and the sums over its slots stand to each other. */
export interface SumCheck {
  /** By type the larger of the two. An unknown total stays unknown: the slots would only be a lower bound of it. */
  readonly totals: MemoryBytes;
  /** By how much they differ, the same text where by the same bytes; undefined where every type is known and equal. */
  readonly difference: string | undefined;
  /** Totals that are less than their slots hold, in words; undefined where there is none. */
  readonly shortfall: string | undefined;
}

/** The fields are not written together, so a reading in between can find them apart; after some ends of processes they stay apart. */
export function checkSums(totals: Readonly<MemoryBytes>, slots: readonly RegionSlot[], kernel: boolean): SumCheck {
  const sum = sumOfSlots(slots);
  const better = noMemory();
  const short: string[] = [];
  const different: string[] = [];
  for (const type of kernel ? KERNEL_COUNTERS : PLAIN_COUNTERS) {
    const total = totals[type];
    const held = sum[type] ?? 0;
    if (total !== held) different.push(`${type} ${total === undefined ? '?' : total - held}`);
    if (total === undefined) continue;
    better[type] = Math.max(total, held);
    if (total < held) short.push(`${type}: total ${total} bytes, slots ${held}`);
  }
  return { totals: better, difference: joined(different), shortfall: joined(short) };
}

function joined(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** Named properties instead of a loop over types: this runs for every slot of every chip on every scrape. */
function sumOfSlots(slots: readonly RegionSlot[]): MemoryBytes {
  const sum = { dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 0, kernel: 0 };
  for (const { bytes } of slots) {
    sum.dram += bytes.dram ?? 0;
    sum.trace += bytes.trace ?? 0;
    sum.l1 += bytes.l1 ?? 0;
    sum.l1_small += bytes.l1_small ?? 0;
    sum.cb += bytes.cb ?? 0;
    sum.kernel += bytes.kernel ?? 0;
  }
  return sum;
}
