import { MESSAGE } from '../../protocol/messages.ts';
import type { BoundedOutput } from './bounded-output.ts';

const VERBS: ReadonlyMap<number, string> = new Map([
  [MESSAGE.ALLOC, 'Allocated'],
  [MESSAGE.FREE, 'Freed'],
  [MESSAGE.CB_ALLOC, 'CB allocated'],
  [MESSAGE.CB_FREE, 'CB freed'],
  [MESSAGE.KERNEL_LOAD, 'Kernel loaded'],
  [MESSAGE.KERNEL_UNLOAD, 'Kernel unloaded'],
  [MESSAGE.CB_ALLOC_CORES, 'CB allocated'],
  [MESSAGE.ALLOCATOR_STATS, 'Allocator statistics'],
  [MESSAGE.ALLOC_FAILED, 'Allocation failed'],
]);

const BUFFER_TYPES = ['DRAM', 'L1', 'SYSTEM_MEMORY', 'L1_SMALL', 'TRACE'];
const OF_BUFFERS: ReadonlySet<number> = new Set([MESSAGE.ALLOC, MESSAGE.ALLOCATOR_STATS, MESSAGE.ALLOC_FAILED]);

/** Prints the line of one report: what, how much, where, and whose by its own word. `reason`: why it was not taken. */
export function printEvent(output: BoundedOutput, frame: DataView, offset: number, reason: string | undefined): void {
  const type = frame.getUint8(offset);
  const pid = frame.getInt32(offset + 20, true);
  const device = frame.getInt32(offset + 4, true);
  const size = frame.getBigUint64(offset + 8, true);
  const id = frame.getBigUint64(offset + 24, true);
  const kind = OF_BUFFERS.has(type) ? ` of ${BUFFER_TYPES[frame.getUint8(offset + 16)] ?? 'unknown type'}` : '';
  const bytes = type === MESSAGE.FREE || type === MESSAGE.ALLOCATOR_STATS ? '' : ` ${size} bytes`;
  const what = `[PID ${pid}] ${VERBS.get(type) ?? `Message ${type}`}${bytes}${kind} on device ${device} (id=${id})`;
  output.write(`${what}${reason === undefined ? '' : `, not taken: ${reason}`}\n`);
}
