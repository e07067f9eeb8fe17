import { countersAt, hasGap, KERNEL_COUNTERS, PLAIN_COUNTERS } from './counters.ts';
import { CHIP, CHIP_ENTRIES, HEADER, PROCESS_SLOTS, SLOT, UNUSED_CHIP } from './layout.ts';
import { recognise } from './recognise.ts';
import { slotNameAt } from './slot-name.ts';
import { checkSums } from './sums.ts';
import { timestampAt } from './timestamps.ts';
import type { MemoryBytes } from '../../snapshot/memory-types.ts';
import type { RegionLayout } from './layout.ts';
import type { Recognised, RegionFailure } from './recognise.ts';
import type { SumCheck } from './sums.ts';
import type { Clock } from './timestamps.ts';
import type { Region, RegionSlot, RemoteChipStats } from './types.ts';

export interface DecodeOptions {
  /** A counter above this is not a size. At most 2^47, so that no sum over 64 slots is beyond 2^53. */
  readonly maxBytes: number;
  readonly clock: Clock;
}

export interface DecodedRegion {
  readonly ok: true;
  readonly region: Region;
  /** The sums look wrong: a second read tells whether this one fell between two writes. */
  readonly suspect: boolean;
  /** By how much totals and slots differ; undefined where they are equal. */
  readonly difference: string | undefined;
  /** Fields whose value was not believable and is left out. */
  readonly implausible: readonly string[];
}

/** -1: a version 4 writer is releasing the slot, or was killed doing it. */
const RELEASING = -1;

/** The kernel's PID_MAX_LIMIT on 64 bits. */
const PID_LIMIT = 4_194_304;

/**
 * Decodes the bytes of a whole region (TT-Metal: memory_stats_shm.hpp). Pure, and never throws: what cannot be read
 * is a failure that says why.
 */
export function decodeRegion(bytes: Buffer, options: DecodeOptions): DecodedRegion | RegionFailure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = recognise(view);
  if (!found.ok) return found;
  const { version, layout } = found;
  const implausible: string[] = [];
  const totals = countersAt(view, HEADER.totals, layout.kernel, options.maxBytes);
  noteGaps(implausible, totals, layout, 'total');
  const { slots, slotsUsed } = readSlots(bytes, view, found, options, implausible);
  const sums = checkSums(totals, slots, layout.kernel);
  if (found.maybeCut && !isWhole(view, layout, sums, implausible)) return maybeCutShort();
  const region: Region = {
    version,
    kernelLayout: layout.kernel,
    lastUpdateSeconds: timestampAt(view, HEADER.lastUpdate, options.clock, version === 1),
    boardSerial: view.getBigUint64(HEADER.boardSerial, true),
    asicId: view.getBigUint64(HEADER.asicId, true),
    deviceId: view.getUint32(HEADER.deviceId, true),
    totals: sums.totals,
    slots,
    slotsUsed,
    remoteChips: readRemoteChips(view, layout, options.maxBytes, implausible),
    disagreement: sums.shortfall,
  };
  // Up to version 3 a total above its slots is common and lasts; version 4 keeps the two together.
  const suspect = sums.shortfall !== undefined || (version === 4 && sums.difference !== undefined);
  return { ok: true, region, suspect, difference: sums.difference, implausible };
}

function readSlots(
  bytes: Buffer,
  view: DataView,
  { version, layout }: Recognised,
  { maxBytes, clock }: DecodeOptions,
  implausible: string[],
): { slots: RegionSlot[]; slotsUsed: number } {
  const slots: RegionSlot[] = [];
  let slotsUsed = 0;
  for (let index = 0; index < PROCESS_SLOTS; index++) {
    const offset = layout.slots + index * layout.slotStride;
    const pid = view.getInt32(offset + SLOT.pid, true);
    if (pid === 0) continue;
    slotsUsed++;
    if (pid < RELEASING || pid > PID_LIMIT) {
      // Nobody can be named as the owner: its bytes stay in the total, unattributed.
      implausible.push(`slot ${index} pid`);
      continue;
    }
    const memory = countersAt(view, offset + SLOT.counters, layout.kernel, maxBytes);
    noteGaps(implausible, memory, layout, `slot ${index}`);
    slots.push({
      pid,
      bytes: memory,
      lastUpdateSeconds: timestampAt(view, offset + layout.slotLastUpdate, clock, version === 1),
      name: slotNameAt(bytes, offset + layout.slotName),
    });
  }
  return { slots, slotsUsed };
}

/**
 * The entries of chip_stats that stand for remote chips. The others repeat the totals, usually under several logical
 * ids of the one chip, and keep the bytes of processes that have left.
 */
function readRemoteChips(
  view: DataView,
  layout: RegionLayout,
  maxBytes: number,
  implausible: string[],
): RemoteChipStats[] {
  const chips: RemoteChipStats[] = [];
  for (let index = 0; index < CHIP_ENTRIES; index++) {
    const offset = layout.chips + index * layout.chipStride;
    const chipId = view.getUint32(offset + CHIP.chipId, true);
    if (chipId === UNUSED_CHIP || view.getUint32(offset + CHIP.isRemote, true) === 0) continue;
    const bytes = countersAt(view, offset + CHIP.counters, layout.kernel, maxBytes);
    noteGaps(implausible, bytes, layout, `chip_stats ${index}`);
    chips.push({ chipId, bytes });
  }
  return chips;
}

function noteGaps(implausible: string[], bytes: Readonly<MemoryBytes>, { kernel }: RegionLayout, where: string): void {
  if (!hasGap(bytes, kernel)) return;
  for (const type of kernel ? KERNEL_COUNTERS : PLAIN_COUNTERS) {
    if (bytes[type] === undefined) implausible.push(`${where} ${type}`);
  }
}

/**
 * Whether the bytes make sense in the plain layout. Read with the wrong strides, a kernel layout that was cut short
 * gives other sums; where all of its totals are 0, it shows in the padding behind the PIDs, which no writer touches,
 * and in the counters of free slots, which are 0.
 */
function isWhole(view: DataView, layout: RegionLayout, sums: SumCheck, implausible: readonly string[]): boolean {
  if (sums.difference !== undefined || implausible.length > 0) return false;
  for (let index = 0; index < PROCESS_SLOTS; index++) {
    const offset = layout.slots + index * layout.slotStride;
    const pid = view.getInt32(offset + SLOT.pid, true);
    if (pid < 0 || view.getUint32(offset + SLOT.padding, true) !== 0) return false;
    if (pid === 0 && !isZero(view, offset + SLOT.counters, layout.slotLastUpdate - SLOT.counters)) return false;
  }
  return true;
}

function isZero(view: DataView, offset: number, length: number): boolean {
  for (let at = offset; at < offset + length; at += 4) {
    if (view.getUint32(at, true) !== 0) return false;
  }
  return true;
}

function maybeCutShort(): RegionFailure {
  const problem =
    'version 1, and its process slots do not add up to its totals: maybe a layout with kernel counters that a later ' +
    'TT-Metal has cut short. Remove the file once no TT-Metal process runs on the chip';
  return { ok: false, status: 'unsupported', problem, suspect: true };
}
