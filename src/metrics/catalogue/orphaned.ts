import type { MemoryType } from '../../snapshot/memory-types.ts';
import type { DeviceMemory } from '../../snapshot/snapshot.ts';
import type { Family, SampleSink } from '../family.ts';

/**
 * Draws the bytes of owners that are proven gone, by device, pid and type. For a tracked type of which they hold none
 * there is one sample, 0, with an empty pid, so that an alert can tell "none" from "cannot be proven".
 */
export function drawOrphaned(types: readonly MemoryType[]): Family['draw'] {
  return (snapshot, sink) => {
    for (const { label, memory } of snapshot.devices) {
      if (memory?.orphaned === undefined) continue;
      for (const type of types) {
        const found = drawOwners(sink, memory.orphaned, label, type);
        if (!found && memory.totals[type] !== undefined) sink.sample(0, label, '', type);
      }
    }
  };
}

/** Whether any of the owners holds bytes of the type. */
function drawOwners(
  sink: SampleSink,
  orphaned: NonNullable<DeviceMemory['orphaned']>,
  device: string,
  type: MemoryType,
): boolean {
  let found = false;
  for (const { pid, bytes } of orphaned) {
    const orphanedBytes = bytes[type];
    if (orphanedBytes === undefined || orphanedBytes === 0) continue;
    sink.sample(orphanedBytes, device, pid, type);
    found = true;
  }
  return found;
}
