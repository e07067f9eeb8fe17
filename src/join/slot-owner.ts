import type { RegionSlot } from '../sources/shared-memory/types.ts';
import type { HostProcess } from '../sources/procfs/types.ts';

/** Whose a process slot of a region is. */
export type SlotOwner =
  | { readonly kind: 'process'; readonly hostPid: number }
  /** No process can be the owner, and everything was looked at. */
  | { readonly kind: 'gone' }
  /** Two processes fit, or not everything could be looked at. */
  | { readonly kind: 'unknown' };

/** What is known of a region's holders. */
export interface SlotEvidence {
  /** Processes that have the region open or mapped. */
  readonly regionHolders: readonly HostProcess[];
  /** Every descriptor and the maps that matter were seen. */
  readonly complete: boolean;
  /** Processes that have the chip's device open: the lesser evidence, where the region's holders could not be seen. */
  readonly deviceHolders: readonly HostProcess[];
}

/** Start times are counted in ticks from a boot time of whole seconds. */
const START_TIME_SLACK_SECONDS = 2;

/**
 * Finds the owner of a slot: the one holder of the region that sees itself under the slot's PID and that started before
 * the slot's last update (a process with a recycled number did not write it).
 */
export function findSlotOwner(slot: RegionSlot, evidence: SlotEvidence): SlotOwner {
  const holders = evidence.regionHolders.filter((process) => fits(process, slot));
  const [holder] = holders;
  if (holders.length === 1 && holder !== undefined) return { kind: 'process', hostPid: holder.pid };
  if (holders.length > 1) return { kind: 'unknown' };
  if (evidence.complete) return { kind: 'gone' };
  const users = evidence.deviceHolders.filter((process) => fits(process, slot));
  const [user] = users;
  return users.length === 1 && user !== undefined ? { kind: 'process', hostPid: user.pid } : { kind: 'unknown' };
}

function fits(process: HostProcess, slot: RegionSlot): boolean {
  if (process.namespacePids.at(-1) !== slot.pid) return false;
  if (process.startTimeSeconds === undefined || slot.lastUpdateSeconds === undefined) return true;
  return process.startTimeSeconds <= slot.lastUpdateSeconds + START_TIME_SLACK_SECONDS;
}
