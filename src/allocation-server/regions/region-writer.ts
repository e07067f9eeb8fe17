import type { DocumentEndedProcess, DocumentRegionProcess } from '../../protocol/snapshot-document.ts';
import { addMemory, noMemory } from '../../snapshot/memory-types.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';
import type { SeenProcess } from '../identity/host-processes.ts';
import { byType, latest, nothingOf, raisePeak } from './memory-peak.ts';
import type { SeenSlot, SlotOwner } from './types.ts';

/** What one process holds on one chip, in all of the chip's regions. */
interface Share {
  bytes: MemoryBytes;
  readonly peak: MemoryBytes;
  readonly slots: Set<string>;
  lastActivitySeconds: number | undefined;
}

/** A process that writes regions. */
export class RegionWriter {
  readonly process: SeenProcess;
  readonly #startSeconds: number | undefined;
  readonly #pid: number;
  readonly #shares = new Map<bigint, Share>();
  /** It owned a slot in this look. */
  seen = false;

  /** `pid`: what it calls itself in its slots. */
  constructor({ process, startSeconds }: SlotOwner, pid: number) {
    this.process = process;
    this.#startSeconds = startSeconds;
    this.#pid = pid;
  }

  startLook(): void {
    this.seen = false;
    // A slot that is not found again has been given back.
    for (const share of this.#shares.values()) share.bytes = nothingOf(share.bytes);
  }

  write(chipId: bigint, slot: SeenSlot): void {
    this.seen = true;
    const share = this.#shares.get(chipId) ?? newShare();
    this.#shares.set(chipId, share);
    addMemory(share.bytes, slot.bytes);
    share.slots.add(slot.key);
    share.lastActivitySeconds = latest(share.lastActivitySeconds, slot.lastUpdateSeconds);
  }

  endLook(): void {
    for (const { peak, bytes } of this.#shares.values()) raisePeak(peak, bytes);
  }

  /** Undefined where it has never been seen on that chip. */
  onChip(chipId: bigint): DocumentRegionProcess | undefined {
    const share = this.#shares.get(chipId);
    if (share === undefined) return undefined;
    const { bytes, peak, lastActivitySeconds } = share;
    return {
      ...this.#identity(),
      liveBytes: byType(bytes),
      peakBytes: byType(peak),
      ...(lastActivitySeconds !== undefined && { lastActivitySeconds }),
    };
  }

  /** What is kept of it once it has ended. `slots`: as they are now, by key. */
  record(endedSeconds: number, slots: ReadonlyMap<string, SeenSlot>): DocumentEndedProcess {
    const { stat, group } = this.process;
    const { containerId, podUid, slurmJobId, unit } = group;
    return {
      ...this.#identity(),
      endedSeconds,
      comm: stat.comm,
      ...(containerId !== undefined && { containerId }),
      ...(podUid !== undefined && { podUid }),
      ...(slurmJobId !== undefined && { slurmJobId }),
      ...(unit !== undefined && { unit }),
      devices: [],
      regions: Array.from(this.#shares, ([chipId, share]) => ({
        chipId: `${chipId}`,
        peakBytes: byType(share.peak),
        heldBytes: byType(leftBehind(share, slots)),
      })),
    };
  }

  #identity(): Pick<DocumentRegionProcess, 'pid' | 'hostPid' | 'startSeconds'> {
    const startSeconds = this.#startSeconds;
    return { pid: this.#pid, hostPid: this.process.pid, ...(startSeconds !== undefined && { startSeconds }) };
  }
}

function newShare(): Share {
  return { bytes: noMemory(), peak: noMemory(), slots: new Set(), lastActivitySeconds: undefined };
}

/** What is still in its slots, unless somebody else has taken them over. */
function leftBehind(share: Share, slots: ReadonlyMap<string, SeenSlot>): MemoryBytes {
  const held = nothingOf(share.peak);
  for (const key of share.slots) {
    const slot = slots.get(key);
    if (slot !== undefined && slot.owner === undefined) addMemory(held, slot.bytes);
  }
  return held;
}
