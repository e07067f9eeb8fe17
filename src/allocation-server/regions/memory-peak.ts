import type { ByType } from '../../protocol/snapshot-document.ts';
import { MEMORY_TYPES, noMemory } from '../../snapshot/memory-types.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';

/** Each type of `peak` at least what `bytes` has of it; what is unknown in both stays so. */
export function raisePeak(peak: MemoryBytes, bytes: Readonly<MemoryBytes>): void {
  for (const type of MEMORY_TYPES) {
    const now = bytes[type];
    if (now !== undefined) peak[type] = Math.max(peak[type] ?? 0, now);
  }
}

/** 0 of every type that `bytes` knows. */
export function nothingOf(bytes: Readonly<MemoryBytes>): MemoryBytes {
  const nothing = noMemory();
  for (const type of MEMORY_TYPES) if (bytes[type] !== undefined) nothing[type] = 0;
  return nothing;
}

/** As the document has it: what is unknown is left out. */
export function byType(bytes: Readonly<MemoryBytes>): ByType {
  return Object.fromEntries(MEMORY_TYPES.flatMap((type) => (bytes[type] === undefined ? [] : [[type, bytes[type]]])));
}

export function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
