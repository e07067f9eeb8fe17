import type { DocumentEndedProcess, DocumentRegion } from '../../protocol/snapshot-document.ts';
import { addMemory, noMemory } from '../../snapshot/memory-types.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';
import type { WatchedRegions } from '../books/types.ts';
import { byType, latest, raisePeak } from './memory-peak.ts';
import { RegionWriter } from './region-writer.ts';
import type { RegionLook, SeenRegion, SeenSlot, SlotOwner } from './types.ts';

const KEPT_SECONDS = 15 * 60;
/** A tenant can make any number of regions, and processes that write them. */
const MAX_CHIPS = 256;
const MAX_WRITERS = 2048;
const MAX_ENDED = 1024;

interface Chip {
  readonly peak: MemoryBytes;
  lastUpdateSeconds: number | undefined;
}

/**
 * What a region does not keep: peaks, and who is gone. It goes by what it sees: what was allocated and freed between two
 * looks was never there, and neither was a process that came and went.
 */
export class RegionBook {
  readonly #hasEnded: (pid: number, startTicks: number) => boolean;
  readonly #chips = new Map<bigint, Chip>();
  readonly #writers = new Map<string, RegionWriter>();
  #ended: DocumentEndedProcess[] = [];

  /** `hasEnded`: whether the process that started then under this PID is no more. */
  constructor(hasEnded: (pid: number, startTicks: number) => boolean) {
    this.#hasEnded = hasEnded;
  }

  take(look: RegionLook): void {
    const slots = new Map<string, SeenSlot>();
    for (const writer of this.#writers.values()) writer.startLook();
    for (const [chipId, regions] of byChip(look)) {
      this.#takeChip(chipId, regions);
      for (const slot of regions.flatMap((region) => region.slots)) {
        slots.set(slot.key, slot);
        if (slot.owner !== undefined) this.#writer(slot.owner, slot.pid)?.write(chipId, slot);
      }
    }
    for (const [key, writer] of this.#writers) this.#endLook(key, writer, slots, look.seconds);
    this.#ended = this.#ended.filter(({ endedSeconds = 0 }) => endedSeconds >= look.seconds - KEPT_SECONDS);
  }

  evidence(): WatchedRegions {
    const writers = [...this.#writers.values()];
    const regions = Array.from(this.#chips, ([chipId, { peak, lastUpdateSeconds }]): DocumentRegion => {
      return {
        chipId: `${chipId}`,
        peakBytes: byType(peak),
        ...(lastUpdateSeconds !== undefined && { lastUpdateSeconds }),
        processes: writers.flatMap((writer) => writer.onChip(chipId) ?? []),
      };
    });
    return { regions, endedProcesses: this.#ended };
  }

  #takeChip(chipId: bigint, regions: readonly SeenRegion[]): void {
    const chip = this.#chips.get(chipId) ?? { peak: noMemory(), lastUpdateSeconds: undefined };
    if (this.#chips.size >= MAX_CHIPS && !this.#chips.has(chipId)) return;
    this.#chips.set(chipId, chip);
    const totals = noMemory();
    for (const region of regions) {
      addMemory(totals, region.totals);
      chip.lastUpdateSeconds = latest(chip.lastUpdateSeconds, region.lastUpdateSeconds);
    }
    raisePeak(chip.peak, totals);
  }

  #writer(owner: SlotOwner, pid: number): RegionWriter | undefined {
    const { process } = owner;
    const key = `${process.pid} ${process.stat.startTicks}`;
    const known = this.#writers.get(key);
    if (known !== undefined || this.#writers.size >= MAX_WRITERS) return known;
    const writer = new RegionWriter(owner, pid);
    this.#writers.set(key, writer);
    return writer;
  }

  /**
   * One that was seen to own a slot in this look has ended, if at all, since its region was read: whether it left its slot
   * behind is for the next look to tell.
   */
  #endLook(key: string, writer: RegionWriter, slots: ReadonlyMap<string, SeenSlot>, seconds: number): void {
    writer.endLook();
    const { pid, stat } = writer.process;
    if (writer.seen || !this.#hasEnded(pid, stat.startTicks)) return;
    this.#writers.delete(key);
    this.#ended.push(writer.record(seconds, slots));
    if (this.#ended.length > MAX_ENDED) this.#ended.shift();
  }
}

function byChip(look: RegionLook): Map<bigint, SeenRegion[]> {
  const chips = new Map<bigint, SeenRegion[]>();
  for (const region of look.regions) {
    const same = chips.get(region.chipId);
    if (same === undefined) chips.set(region.chipId, [region]);
    else same.push(region);
  }
  return chips;
}
