import { addMemory } from '../snapshot/memory-types.ts';
import type { ProcessMemory, ProcessMemoryDetail } from '../snapshot/snapshot.ts';

/** Both together, under the pid of `sum`. What is known of one of them only stays. */
export function addProcessMemory(sum: ProcessMemory, part: Omit<ProcessMemory, 'pid'>): ProcessMemory {
  const bytes = { ...sum.bytes };
  addMemory(bytes, part.bytes);
  return { pid: sum.pid, bytes, detail: addDetail(sum.detail, part.detail) };
}

function addDetail(
  a: ProcessMemoryDetail | undefined,
  b: ProcessMemoryDetail | undefined,
): ProcessMemoryDetail | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const liveBuffers = { ...a.liveBuffers };
  addMemory(liveBuffers, b.liveBuffers);
  return {
    hostBytes: combine(a.hostBytes, b.hostBytes, (x, y) => x + y),
    liveBuffers,
    oldestBufferSeconds: combine(a.oldestBufferSeconds, b.oldestBufferSeconds, Math.min),
    lastActivitySeconds: combine(a.lastActivitySeconds, b.lastActivitySeconds, Math.max),
    cbMaxCoreBytes: combine(a.cbMaxCoreBytes, b.cbMaxCoreBytes, Math.max),
  };
}

function combine(
  a: number | undefined,
  b: number | undefined,
  both: (x: number, y: number) => number,
): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : both(a, b);
}
