import { DEVICE, DEVICE_FIELD, FIELD, HOLDING, TYPES, add, count } from './memory-rows.ts';
import type { CoreSums } from './core-sums.ts';
import type { Device } from './devices.ts';
import type { Process } from './processes.ts';

/** What one process has to do with one device. */
export interface Holding {
  readonly index: number;
  /** Where its row begins, in `Holdings.rows`. */
  readonly row: number;
  readonly process: Process;
  readonly device: Device;
  cores: CoreSums | undefined;
}

/** The pairs of process and device. Their numbers lie in one array, so that a snapshot of all is one copy. */
export class Holdings {
  readonly rows: Float64Array;
  /** Bytes and buffers, of all devices, also those that are forgotten. */
  readonly reclaimed = new Float64Array(2);
  readonly #limit: number;
  readonly #free: number[] = [];
  readonly #byIndex: (Holding | undefined)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
    this.rows = new Float64Array(limit * HOLDING.row);
  }

  /** Indices below it have been used. */
  get top(): number {
    return this.#byIndex.length;
  }

  at(index: number): Holding | undefined {
    return this.#byIndex[index];
  }

  /** Undefined where there are too many. The row is all zeros. */
  open(process: Process, device: Device): Holding | undefined {
    const index = this.#free.pop() ?? this.top;
    if (index >= this.#limit) return undefined;
    const holding: Holding = { index, row: index * HOLDING.row, process, device, cores: undefined };
    this.#byIndex[index] = holding;
    process.holdings.set(device.id, holding);
    device.holders++;
    return holding;
  }

  /** Takes what it holds off its device and counts that as reclaimed. Its index stays taken until `release`. */
  close(holding: Holding): void {
    const { device, row, index } = holding;
    for (let type = 0; type < TYPES; type++) this.#reclaim(row + type * HOLDING.type, device.row, type * DEVICE.type);
    for (let at = DEVICE_FIELD.LARGEST_FREE_FROM; at < DEVICE.changed; at += DEVICE.type) {
      if (device.row[at] === index + 1) device.row[at] = 0;
    }
    device.holders--;
    holding.process.holdings.delete(device.id);
    this.#byIndex[index] = undefined;
  }

  /** The index may be used again: nothing refers to it. */
  release(holding: Holding): void {
    this.rows.fill(0, holding.row, holding.row + HOLDING.row);
    this.#free.push(holding.index);
  }

  #reclaim(from: number, device: Float64Array, to: number): void {
    const bytes = this.rows[from + FIELD.LIVE_BYTES] ?? 0;
    const buffers = this.rows[from + FIELD.LIVE_BUFFERS] ?? 0;
    add(device, to + FIELD.LIVE_BYTES, -bytes);
    add(device, to + FIELD.LIVE_BUFFERS, -buffers);
    count(device, to + DEVICE_FIELD.RECLAIMED_BYTES, bytes);
    add(device, to + DEVICE_FIELD.RECLAIMED_BUFFERS, buffers);
    count(this.reclaimed, 0, bytes);
    add(this.reclaimed, 1, buffers);
  }
}
