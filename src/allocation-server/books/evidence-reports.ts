import { HEADER } from '../../protocol/layout.ts';
import { NONE } from './buffer-pool.ts';
import { typeOfBuffer } from './buffer-reports.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
import { DEVICE, DEVICE_FIELD, add } from './memory-rows.ts';
import { OUTCOME } from './outcomes.ts';
import type { Process } from './processes.ts';
import { readBody, readSize } from './report-frame.ts';

/** What an allocator says of itself: ALLOCATOR_STATS and ALLOC_FAILED. */
export class EvidenceReports {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  stats(process: Process, deviceId: number, frames: DataView, offset: number): number {
    const type = typeOfBuffer(frames.getUint8(offset + HEADER.bufferType));
    if (type === NONE) return OUTCOME.UNKNOWN_BUFFER_TYPE;
    const bound = this.#ledger.boundsOf(process, deviceId).bytes[type] ?? 0;
    const [allocatable, allocated] = [readBody(frames, offset, 0), readBody(frames, offset, 1)];
    const [free, largest] = [readBody(frames, offset, 2), readBody(frames, offset, 3)];
    if (Math.max(allocatable, allocated, free) > bound || largest > free) return OUTCOME.IMPOSSIBLE_SIZE;
    const holding = this.#ledger.openHolding(process, deviceId);
    if (holding === undefined) return OUTCOME.TOO_MANY_DEVICES;
    setLargestFree(holding, type, largest);
    this.#ledger.noteActivity(holding);
    return OUTCOME.TAKEN;
  }

  failed(process: Process, deviceId: number, frames: DataView, offset: number): number {
    const type = typeOfBuffer(frames.getUint8(offset + HEADER.bufferType));
    if (type === NONE) return OUTCOME.UNKNOWN_BUFFER_TYPE;
    const bound = this.#ledger.boundsOf(process, deviceId).bytes[type] ?? 0;
    const [size, largest] = [readSize(frames, offset), readBody(frames, offset, 0)];
    if (size > bound || largest > bound) return OUTCOME.IMPOSSIBLE_SIZE;
    const holding = this.#ledger.openHolding(process, deviceId);
    if (holding === undefined) return OUTCOME.TOO_MANY_DEVICES;
    setLargestFree(holding, type, largest);
    add(holding.device.row, type * DEVICE.type + DEVICE_FIELD.FAILURES, 1);
    holding.device.row[type * DEVICE.type + DEVICE_FIELD.LAST_FAILED] = size;
    this.#ledger.noteActivity(holding);
    return OUTCOME.TAKEN;
  }
}

function setLargestFree({ device, index }: Holding, type: number, bytes: number): void {
  device.row[type * DEVICE.type + DEVICE_FIELD.LARGEST_FREE] = bytes;
  device.row[type * DEVICE.type + DEVICE_FIELD.LARGEST_FREE_FROM] = index + 1;
}
