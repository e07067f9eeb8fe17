import { fileKey } from '../sources/source.ts';
import type { HostProcess, ProcfsReading } from '../sources/procfs/types.ts';
import type { Region, RegionReading } from '../sources/shared-memory/types.ts';
import { holdsMemory, noMemory } from '../snapshot/memory-types.ts';
import type { TrackerState } from '../snapshot/snapshot.ts';
import { SlotOwners } from './slot-owner.ts';
import type { SlotEvidence } from './slot-owner.ts';
import { isSameEvidence } from './same-evidence.ts';
import type { TrackedChip, TrackedProcess } from './tracked-chip.ts';

export const SHARED_MEMORY = 'shared_memory';

const NOTHING = noMemory();

/**
 * What a region says of its chip, once it is known who holds it. `deviceHolders`: the processes that have the chip's
 * device open, where the card is known.
 */
export function trackRegion(
  reading: RegionReading,
  procfs: ProcfsReading | undefined,
  deviceHolders: readonly HostProcess[],
): TrackedChip {
  const { region, status } = reading;
  if (status === 'untrusted' && reading.namespaces !== undefined) return distrustRegion(reading);
  if (region === undefined || status !== 'decoded')
    return unreadable(reading, status === 'decoded' ? 'unreadable' : status);
  const evidence = gatherEvidence(reading, procfs, deviceHolders);
  const known = remembered.get(region);
  if (known?.nameId === reading.nameId && isSameEvidence(known.evidence, evidence)) return known.tracked;
  const tracked = trackDecoded(region, reading.nameId, evidence);
  remembered.set(region, { nameId: reading.nameId, evidence, tracked });
  return tracked;
}

/** What was made of a region that nobody has written to since is the same again, where its holders are. */
const remembered = new WeakMap<Region, Remembered>();

interface Remembered {
  readonly nameId: bigint;
  readonly evidence: SlotEvidence;
  readonly tracked: TrackedChip;
}

function trackDecoded(region: Region, nameId: bigint, evidence: SlotEvidence): TrackedChip {
  return {
    source: SHARED_MEMORY,
    chip: { by: 'unique_id', id: nameId },
    version: region.kernelLayout ? `${region.version}k` : `${region.version}`,
    state: judge(region, evidence),
    readable: true,
    lastUpdateSeconds: region.lastUpdateSeconds,
    totals: region.totals,
    processes: trackSlots(region, evidence),
    provable: evidence.complete || !holdsAnything(region),
    inUse: holdsAnything(region) || evidence.regionHolders.length > 0,
    slotsUsed: region.slotsUsed,
    extras: undefined,
  };
}

/**
 * A region that is not believed: none of its bytes is used, and it takes nothing from what is proven of the others of its
 * chip.
 */
export function distrustRegion(reading: RegionReading): TrackedChip {
  return { ...unreadable(reading, 'untrusted'), provable: true };
}

function unreadable(reading: RegionReading, state: TrackerState): TrackedChip {
  return {
    source: SHARED_MEMORY,
    chip: { by: 'unique_id', id: reading.nameId },
    version: '',
    state,
    readable: false,
    lastUpdateSeconds: undefined,
    totals: NOTHING,
    processes: undefined,
    provable: false,
    inUse: false,
    slotsUsed: undefined,
    extras: undefined,
  };
}

function gatherEvidence(
  reading: RegionReading,
  procfs: ProcfsReading | undefined,
  deviceHolders: readonly HostProcess[],
): SlotEvidence {
  const holders = reading.file === undefined ? undefined : procfs?.files.get(fileKey(reading.file));
  const regionHolders: HostProcess[] = [];
  for (const pid of holders?.pids ?? []) {
    const process = procfs?.processes.get(pid);
    if (process !== undefined) regionHolders.push(process);
  }
  if (holders?.complete === true) return { regionHolders, complete: true, deviceHolders: [] };
  const cleared = new Set(holders?.cleared);
  return { regionHolders, complete: false, deviceHolders: deviceHolders.filter(({ pid }) => !cleared.has(pid)) };
}

function holdsAnything(region: Region): boolean {
  return holdsMemory(region.totals) || region.slots.some((slot) => holdsMemory(slot.bytes));
}

function judge(region: Region, evidence: SlotEvidence): TrackerState {
  if (!holdsAnything(region)) return 'idle';
  if (evidence.regionHolders.length === 0) return evidence.complete ? 'ghost' : 'unverifiable';
  return lacksSlots(region, evidence) ? 'partial' : 'live';
}

/**
 * A process that holds the region and owns no slot: version 4 releases the slots of live processes when one attaches
 * from another PID namespace. Not so a fork()ed child, which holds what its parent opened, nor one that found no slot
 * free.
 */
function lacksSlots(region: Region, evidence: SlotEvidence): boolean {
  if (region.version !== 4 || region.slotsUsed >= 64) return false;
  const holders = new Set(evidence.regionHolders.map((process) => process.pid));
  const slotPids = new Set(region.slots.map((slot) => slot.pid));
  return evidence.regionHolders.some((process) => {
    const own = process.namespacePids.at(-1);
    return own !== undefined && !slotPids.has(own) && !holders.has(process.parentPid);
  });
}

function trackSlots(region: Region, evidence: SlotEvidence): TrackedProcess[] {
  const owners = new SlotOwners(evidence);
  return region.slots.map((slot) => {
    const owner = owners.find(slot);
    return {
      hostPid: owner.kind === 'process' ? owner.hostPid : undefined,
      reportedPid: slot.pid,
      name: slot.name,
      gone: owner.kind === 'gone',
      bytes: slot.bytes,
      detail: undefined,
    };
  });
}
