import { BODY_OFFSET } from '../../protocol/layout.ts';
import { NONE } from './buffer-pool.ts';
import type { BufferFields } from './buffer-table.ts';
import { CoreSums, packCores } from './core-sums.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
import { TYPE } from './memory-rows.ts';
import { DOUBT, OUTCOME } from './outcomes.ts';
import type { Process } from './processes.ts';
import { idHigh, idLow, readBody, readSize } from './report-frame.ts';

type SumType = typeof TYPE.cb | typeof TYPE.kernel;

/**
 * Circular buffers and kernels: sums by process, as the stock server has them by device. Only the circular buffers
 * whose cores are told are kept one by one, so that their end can be taken off the same cores.
 */
export class SumReports {
  readonly #ledger: Ledger;
  readonly #fields: BufferFields = { type: 0, count: 0, size: 0.5, time: 0.5 };

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** CB_ALLOC, KERNEL_LOAD. */
  gain(type: SumType, process: Process, deviceId: number, frames: DataView, offset: number): number {
    const ledger = this.#ledger;
    const size = readSize(frames, offset);
    const bound = ledger.boundsOf(process, deviceId).bytes[type] ?? 0;
    if (size > bound) return OUTCOME.IMPOSSIBLE_SIZE;
    const holding = ledger.openHolding(process, deviceId);
    if (holding === undefined) return OUTCOME.TOO_MANY_DEVICES;
    if (ledger.liveBytes(holding, type) + size > bound) return OUTCOME.IMPOSSIBLE_SIZE;
    ledger.allocated(holding, type, size);
    ledger.touch(holding);
    return OUTCOME.TAKEN;
  }

  /** CB_FREE, KERNEL_UNLOAD. What is not there is not taken off. */
  lose(type: SumType, process: Process, deviceId: number, frames: DataView, offset: number): number {
    const ledger = this.#ledger;
    const holding = process.holdings.get(deviceId);
    if (holding === undefined) return OUTCOME.UNKNOWN_BUFFER;
    const size = readSize(frames, offset);
    const live = ledger.liveBytes(holding, type);
    if (size > live) ledger.counts.doubt(type === TYPE.cb ? DOUBT.CB_BELOW_ZERO : DOUBT.KERNEL_BELOW_ZERO);
    ledger.freed(holding, type, Math.min(size, live), Math.min(1, ledger.liveBuffers(holding, type)));
    ledger.touch(holding);
    // No buffer is so large, and sizes from there on are not told apart.
    if (type === TYPE.cb && size <= Number.MAX_SAFE_INTEGER) this.#takeOffCores(holding, frames, offset);
    return OUTCOME.TAKEN;
  }

  /** CB_ALLOC_CORES. */
  gainOnCores(process: Process, deviceId: number, frames: DataView, offset: number): number {
    const ledger = this.#ledger;
    const cores = readCores(frames, offset + BODY_OFFSET);
    if (cores === NONE) return OUTCOME.IMPOSSIBLE_CORES;
    const bytesPerCore = readBody(frames, offset, 1);
    if (bytesPerCore > ledger.boundsOf(process, deviceId).bytesPerCore) return OUTCOME.IMPOSSIBLE_SIZE;
    if (!ledger.hasRoom(process)) return OUTCOME.TOO_MANY_BUFFERS;
    const outcome = this.gain(TYPE.cb, process, deviceId, frames, offset);
    const holding = process.holdings.get(deviceId);
    if (outcome === OUTCOME.TAKEN && holding !== undefined) this.#putOnCores(holding, cores, frames, offset);
    return outcome;
  }

  #putOnCores(holding: Holding, cores: number, frames: DataView, offset: number): void {
    const { coreBuffers, now } = this.#ledger;
    const fields = this.#fields;
    fields.count = cores;
    fields.size = readBody(frames, offset, 1);
    fields.time = now;
    const [low, high] = [idLow(frames, offset), idHighWithSize(frames, offset)];
    coreBuffers.insert(coreBuffers.find(holding.index, low, high), holding.index, low, high, fields);
    holding.process.buffers++;
    holding.cores ??= new CoreSums();
    holding.cores.add(cores, fields.size);
  }

  #takeOffCores(holding: Holding, frames: DataView, offset: number): void {
    if (holding.cores === undefined) return;
    const { coreBuffers } = this.#ledger;
    const at = coreBuffers.find(holding.index, idLow(frames, offset), idHighWithSize(frames, offset));
    if (at === NONE) return;
    holding.cores.add(coreBuffers.countOf(at), -coreBuffers.sizeOf(at));
    coreBuffers.remove(at);
    holding.process.buffers--;
  }
}

/** The rectangle at `at`; NONE where it is impossible. */
function readCores(frames: DataView, at: number): number {
  const [firstX, firstY] = [frames.getUint16(at, true), frames.getUint16(at + 2, true)];
  const [lastX, lastY] = [frames.getUint16(at + 4, true), frames.getUint16(at + 6, true)];
  return packCores(firstX, firstY, lastX, lastY) ?? NONE;
}

/**
 * Programs put circular buffers of different sizes at the same address of the same cores, and CB_FREE names address
 * and size only. So the size is a part of the id; addresses in L1 leave its upper half empty.
 */
function idHighWithSize(frames: DataView, offset: number): number {
  const size = readSize(frames, offset);
  return idHigh(frames, offset) ^ Math.imul(size, 0x9e37_79b1) ^ Math.floor(size / 0x1_0000_0000);
}
