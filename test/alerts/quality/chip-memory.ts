import { DRAM_TYPES, addMemory, noMemory } from '../../../src/snapshot/memory-types.ts';
import type { MemoryBytes } from '../../../src/snapshot/memory-types.ts';
import type { DeviceMemory } from '../../../src/snapshot/snapshot.ts';
import { bareMemory } from '../../support/rich-snapshot.ts';
import type { HostLife, SimulatedProcess } from './life.ts';

/** Of the L1 that a process holds, what is in buffers: the rest is in circular buffers, and free. */
export const SHARE_OF_BUFFERS = 0.8;

/** What is there of a process at a moment. */
export interface Present {
  readonly process: SimulatedProcess;
  /** The value of the `pid` label. */
  readonly label: string;
  readonly alive: boolean;
}

export interface ChipBytes {
  readonly dramBytes: number;
  readonly l1Bytes: number;
}

/** What the tracker of a chip says; undefined: there is none. */
export function memoryAt(
  life: HostLife,
  chip: ChipBytes,
  index: number,
  seconds: number,
  here: readonly Present[],
): DeviceMemory | undefined {
  const { tracking, invisible } = life;
  if (tracking.kind === 'off') return undefined;
  const processes = here.map(({ process, label, alive }) => ({
    pid: label,
    bytes: bytesOf(process, chip, index, seconds),
    alive,
    podUid: (invisible ? undefined : process.owner.podUid) ?? '',
  }));
  const totals = sumOf(processes);
  if (tracking.kind === 'totals') return bareMemory({ source: 'allocation_server', version: 'C', totals });
  const unattributed = { ...noMemory(), dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 0 };
  unattributed.dram = Math.floor(life.drift(index)(seconds) * chip.dramBytes);
  addMemory(totals, unattributed);
  return bareMemory({
    version: tracking.version,
    totals,
    processes: processes.map(({ pid, bytes }) => ({ pid, bytes, detail: undefined })),
    workloads: processes.map(({ bytes, podUid }) => ({
      kind: podUid === '' ? 'none' : 'pod',
      workload: podUid,
      bytes,
    })),
    unattributed,
    orphaned: invisible ? undefined : processes.filter(({ alive }) => !alive),
  });
}

/** A dead process keeps what it held when it died. */
function bytesOf(process: SimulatedProcess, chip: ChipBytes, index: number, seconds: number): MemoryBytes {
  const holding = process.holdings.get(index);
  const bytes = { ...noMemory(), l1_small: 0 };
  if (holding === undefined) return bytes;
  const until = Math.min(seconds, process.until - 1);
  bytes.dram = Math.floor(holding.dram(until) * chip.dramBytes);
  bytes.trace = Math.floor((holding.trace ?? 0) * chip.dramBytes);
  bytes.l1 = Math.floor(holding.l1 * SHARE_OF_BUFFERS * chip.l1Bytes);
  bytes.cb = Math.floor(holding.l1 * 0.15 * chip.l1Bytes);
  return bytes;
}

function sumOf(processes: readonly { readonly bytes: MemoryBytes }[]): MemoryBytes {
  const totals = { ...noMemory(), l1: 0, l1_small: 0, cb: 0 };
  for (const type of DRAM_TYPES) totals[type] = 0;
  for (const { bytes } of processes) addMemory(totals, bytes);
  return totals;
}
