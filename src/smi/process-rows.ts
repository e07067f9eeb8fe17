import { knownBytes } from '../host-view/memory-use.ts';
import type { HostView, ProcessChipView, ProcessView } from '../host-view/types.ts';

/** A line of the table of processes: a process on a chip. */
export interface ProcessRow {
  readonly process: ProcessView;
  readonly part: ProcessChipView;
  /** undefined where its start is not known. */
  readonly ageSeconds: number | undefined;
}

/** Every process on every chip it is on, by chip, the largest first. A process of which nothing is on a chip has no row. */
export function processRows(view: HostView): ProcessRow[] {
  const order = new Map(view.chips.map(({ device }, index) => [device, index]));
  const rows = view.processes.flatMap((process) =>
    process.chips.map((part) => ({ process, part, ageSeconds: ageOf(process, view.takenAtSeconds) })),
  );
  const place = (row: ProcessRow): number => order.get(row.part.device) ?? order.size;
  return rows.sort((a, b) => place(a) - place(b) || knownBytes(b.part.bytes) - knownBytes(a.part.bytes));
}

function ageOf({ startTimeSeconds }: ProcessView, now: number): number | undefined {
  return startTimeSeconds === undefined ? undefined : Math.max(0, now - startTimeSeconds);
}
