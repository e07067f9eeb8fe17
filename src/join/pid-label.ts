import type { TrackedProcess } from './tracked-chip.ts';

/** The `pid` label: the host's PID where it is proven, else what the process calls itself, marked by a question mark. */
export function pidLabel(process: Pick<TrackedProcess, 'hostPid' | 'reportedPid'>): string {
  return process.hostPid === undefined ? `?${process.reportedPid}` : `${process.hostPid}`;
}

/** Host PIDs in order of number, then unproven ones in order of number, then words. */
export function comparePidLabels(a: string, b: string): number {
  return rank(a) - rank(b) || number(a) - number(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(label: string): number {
  return label.startsWith('?') ? 1 : /^\d/.test(label) ? 0 : 2;
}

function number(label: string): number {
  const value = Number(label.startsWith('?') ? label.slice(1) : label);
  return Number.isNaN(value) ? 0 : value;
}
