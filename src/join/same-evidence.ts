import type { HostProcess } from '../sources/procfs/types.ts';
import type { SlotEvidence } from './slot-owner.ts';

/** Whether nothing that a slot's owner or a region's state is decided by differs. Where not everybody was seen it is not asked. */
export function isSameEvidence(one: SlotEvidence, other: SlotEvidence): boolean {
  if (!one.complete || !other.complete) return false;
  const { regionHolders } = one;
  if (regionHolders.length !== other.regionHolders.length) return false;
  return regionHolders.every((process, index) => isSameHolder(process, other.regionHolders[index]));
}

function isSameHolder(one: HostProcess, other: HostProcess | undefined): boolean {
  return (
    one.pid === other?.pid &&
    one.parentPid === other.parentPid &&
    one.startTimeSeconds === other.startTimeSeconds &&
    one.namespacePids.at(-1) === other.namespacePids.at(-1)
  );
}
