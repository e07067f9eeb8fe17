import { dramBytes, knownBytes, l1Bytes } from '../host-view/memory-use.ts';
import type { HostView, ProcessChipView, ProcessView } from '../host-view/types.ts';
import { comparePidLabels } from '../join/pid-label.ts';
import { addMemory, noMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { GrowthBook } from './growth-book.ts';

/** A process with what it has on all chips that are looked at. */
export interface TopRow {
  readonly process: ProcessView;
  readonly bytes: Readonly<MemoryBytes>;
  readonly dram: number | undefined;
  readonly l1: number | undefined;
  readonly orphaned: boolean;
  /** It holds a chip, and no tracker has numbers of it. */
  readonly silent: boolean;
  /** Bytes by the minute; undefined where it is not known yet. */
  readonly growth: number | undefined;
  readonly ageSeconds: number | undefined;
}

export type SortKey = 'dram' | 'l1' | 'growth' | 'age' | 'pid' | 'name';

/** The processes of a view. */
export function topRows(view: HostView, growth: GrowthBook): TopRow[] {
  return view.processes.map((process) => {
    const bytes = noMemory();
    for (const part of process.chips) addMemory(bytes, part.bytes);
    const { startTimeSeconds } = process;
    const now = { at: view.takenAtSeconds, bytes: knownBytes(bytes) };
    const dram = dramBytes(bytes);
    const l1 = l1Bytes(bytes);
    return {
      ...{ process, bytes, dram, l1 },
      orphaned: process.chips.some((part) => part.orphaned),
      silent: dram === undefined && l1 === undefined && process.chips.some(isHeld),
      growth: growth.perMinute(process.pid, startTimeSeconds, now),
      ageSeconds: startTimeSeconds === undefined ? undefined : Math.max(0, view.takenAtSeconds - startTimeSeconds),
    };
  });
}

function isHeld({ descriptors }: ProcessChipView): boolean {
  return descriptors !== undefined;
}

/** Largest first (names and PIDs: smallest first), or the other way round; what is not known comes last in any case. */
export function sortRows(rows: readonly TopRow[], key: SortKey, reverse: boolean): TopRow[] {
  const turn = reverse ? -1 : 1;
  const byPid = (a: TopRow, b: TopRow): number => comparePidLabels(a.process.pid, b.process.pid);
  if (key === 'pid') return rows.toSorted((a, b) => turn * byPid(a, b));
  if (key === 'name') {
    return rows.toSorted((a, b) => turn * a.process.name.localeCompare(b.process.name, 'en') || byPid(a, b));
  }
  const value = (row: TopRow): number | undefined => (key === 'age' ? row.ageSeconds : row[key]);
  return rows.toSorted((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === undefined || other === undefined) {
      return Number(one === undefined) - Number(other === undefined) || byPid(a, b);
    }
    return turn * (other - one) || byPid(a, b);
  });
}
