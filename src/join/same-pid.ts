import { pidLabel } from './pid-label.ts';
import type { TrackedProcess } from './tracked-chip.ts';

type Named = Pick<TrackedProcess, 'hostPid' | 'reportedPid'>;

/** As many as a region has slots: to compare so few with each other costs less than a map of them, on every chip. */
const FEW = 64;

/** For each process its place among the labels in their first order: the same where two have the same `pid` label. */
export function placesByPid(processes: readonly Named[]): readonly number[] {
  return processes.length <= FEW ? byComparing(processes) : byMap(processes);
}

function byComparing(processes: readonly Named[]): number[] {
  const firsts: Named[] = [];
  return processes.map((process) => {
    for (let place = 0; place < firsts.length; place++) if (isSame(firsts[place], process)) return place;
    return firsts.push(process) - 1;
  });
}

function isSame(a: Named | undefined, b: Named): boolean {
  if (a?.hostPid !== b.hostPid) return false;
  return b.hostPid !== undefined || a?.reportedPid === b.reportedPid;
}

function byMap(processes: readonly Named[]): number[] {
  const places = new Map<string, number>();
  return processes.map((process) => {
    const label = pidLabel(process);
    const place = places.get(label) ?? places.size;
    places.set(label, place);
    return place;
  });
}
