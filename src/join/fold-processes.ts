import { DRAM_TYPES, L1_TYPES, noMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes, MemoryType } from '../snapshot/memory-types.ts';
import type { DeviceHoldersSnapshot, DeviceSnapshot, ProcessMemory } from '../snapshot/snapshot.ts';
import { addProcessMemory } from './add-process-memory.ts';
import type { BudgetRound } from './process-budget.ts';

const NOBODY: readonly never[] = [];

/** The `pid` label of what was folded. */
export const OTHER = 'other';

/**
 * Folds the processes of a device that are beyond the budget into `other`: of their memory and of the descriptors they
 * have open, so that all sums stay as they are. A process is shown in all of a device's numbers or in none. Owners
 * proven gone are never folded: they are evidence. Adds the pids to `folded`.
 */
export function foldProcesses(device: DeviceSnapshot, round: BudgetRound, folded: Set<string>): DeviceSnapshot {
  const { memory, holders } = device;
  const pids = pidsOf(memory?.processes ?? NOBODY, holders?.byPid ?? NOBODY, round.before(device.label));
  const always = () => new Set(memory?.orphaned?.map(({ pid }) => pid));
  const shown = round.choose(device.label, pids, always, () => largestShares(memory?.processes ?? []));
  if (shown === pids) return device;
  for (const pid of pids) if (!shown.has(pid)) folded.add(pid);
  return {
    ...device,
    memory: memory && { ...memory, processes: memory.processes && foldMemory(memory.processes, shown) },
    holders: holders && { ...holders, byPid: foldHolders(holders.byPid, shown) },
  };
}

/** Which lists a set of pids was last found to be all of: those of a chip that nobody works on are the same ones again. */
const seenAll = new WeakMap<ReadonlySet<string>, { readonly memory: unknown; readonly holders: unknown }>();

/** All of both, no pid twice in either. The set of `before` where that is the same, as it mostly is: making one is dear. */
function pidsOf(
  memory: readonly { readonly pid: string }[],
  holders: readonly { readonly pid: string }[],
  before: ReadonlySet<string>,
): ReadonlySet<string> {
  const known = seenAll.get(before);
  if (known?.memory === memory && known.holders === holders) return before;
  const isIn = ({ pid }: { readonly pid: string }): boolean => before.has(pid);
  const whole = memory.length === before.size || holders.length === before.size;
  if (whole && memory.every(isIn) && holders.every(isIn)) {
    seenAll.set(before, { memory, holders });
    return before;
  }
  const pids = new Set<string>();
  for (const { pid } of memory) pids.add(pid);
  for (const { pid } of holders) pids.add(pid);
  return pids;
}

/**
 * A process's share of what all of them hold in DRAM or in L1, the larger of the two: L1 is a thousandth of DRAM, and a
 * process that fills it matters as much. By memory and not by type, where a few bytes of a rare type are all of it.
 */
function largestShares(processes: readonly ProcessMemory[]): Map<string, number> {
  const sizes = processes.map(({ pid, bytes }) => ({ pid, dram: sum(bytes, DRAM_TYPES), l1: sum(bytes, L1_TYPES) }));
  const dram = sizes.reduce((total, size) => total + size.dram, 0) || 1;
  const l1 = sizes.reduce((total, size) => total + size.l1, 0) || 1;
  return new Map(sizes.map((size) => [size.pid, Math.max(size.dram / dram, size.l1 / l1)]));
}

function sum(bytes: Readonly<MemoryBytes>, types: readonly MemoryType[]): number {
  return types.reduce((total, type) => total + (bytes[type] ?? 0), 0);
}

function foldMemory(processes: readonly ProcessMemory[], shown: ReadonlySet<string>): ProcessMemory[] {
  const kept = processes.filter(({ pid }) => shown.has(pid));
  const rest = processes.filter(({ pid }) => !shown.has(pid));
  if (rest.length === 0) return kept;
  return [...kept, rest.reduce(addProcessMemory, { pid: OTHER, bytes: noMemory(), detail: undefined })];
}

function foldHolders(
  holders: DeviceHoldersSnapshot['byPid'],
  shown: ReadonlySet<string>,
): DeviceHoldersSnapshot['byPid'] {
  const kept = holders.filter(({ pid }) => shown.has(pid));
  const rest = holders.filter(({ pid }) => !shown.has(pid));
  if (rest.length === 0) return kept;
  return [...kept, { pid: OTHER, descriptors: rest.reduce((total, { descriptors }) => total + descriptors, 0) }];
}
