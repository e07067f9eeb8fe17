import { BufferTable } from './buffer-table.ts';
import { Devices } from './devices.ts';
import type { SizeBounds } from './size-bounds.ts';
import { UNKNOWN_BOUNDS } from './size-bounds.ts';
import { Holdings } from './holdings.ts';
import type { Holding } from './holdings.ts';
import { DEVICE, FIELD, HOLDING, addAllocation, addFree } from './memory-rows.ts';
import { MessageCounts } from './message-counts.ts';
import type { Process } from './processes.ts';
import type { BooksLimits } from './types.ts';

/** Everything that reports change, and the changes that several of them have in common. */
export class Ledger {
  readonly limits: BooksLimits;
  readonly devices: Devices;
  readonly holdings: Holdings;
  /** Buffers, each of a type as in TYPE. Their owners are the indices of holdings. */
  readonly buffers: BufferTable;
  /** Circular buffers whose cores are known: an entry's count is its cores, its size is the bytes on each. */
  readonly coreBuffers: BufferTable;
  readonly counts = new MessageCounts();
  /** Seconds since the Unix epoch. */
  now = 0;

  constructor(limits: BooksLimits) {
    this.limits = limits;
    this.devices = new Devices(limits.devices);
    this.holdings = new Holdings(limits.holdings);
    this.buffers = new BufferTable(limits.holdings);
    this.coreBuffers = new BufferTable(limits.holdings);
  }

  boundsOf(process: Process, deviceId: number): SizeBounds {
    return (process.holdings.get(deviceId)?.device ?? this.devices.get(deviceId))?.bounds ?? UNKNOWN_BOUNDS;
  }

  /** The holding of a process on a device, new where there is none yet; undefined where there are too many. */
  openHolding(process: Process, deviceId: number): Holding | undefined {
    const known = process.holdings.get(deviceId);
    if (known !== undefined) return known;
    if (process.holdings.size >= this.limits.devicesAProcess) return undefined;
    const device = this.devices.open(deviceId);
    return device === undefined ? undefined : this.holdings.open(process, device);
  }

  /** Whether there is room for another entry in the tables. */
  hasRoom(process: Process): boolean {
    const all = this.buffers.size + this.coreBuffers.size;
    return process.buffers < this.limits.buffersAProcess && all < this.limits.buffers;
  }

  liveBytes({ row }: Holding, type: number): number {
    return this.holdings.rows[row + type * HOLDING.type + FIELD.LIVE_BYTES] ?? 0;
  }

  liveBuffers({ row }: Holding, type: number): number {
    return this.holdings.rows[row + type * HOLDING.type + FIELD.LIVE_BUFFERS] ?? 0;
  }

  allocated({ row, device }: Holding, type: number, bytes: number): void {
    addAllocation(this.holdings.rows, row + type * HOLDING.type, bytes);
    addAllocation(device.row, type * DEVICE.type, bytes);
  }

  freed({ row, device }: Holding, type: number, bytes: number, buffers: number): void {
    addFree(this.holdings.rows, row + type * HOLDING.type, bytes, buffers);
    addFree(device.row, type * DEVICE.type, bytes, buffers);
  }

  /** An allocation or a free. */
  touch(holding: Holding): void {
    this.noteActivity(holding);
    holding.device.row[DEVICE.changed] = this.now;
  }

  noteActivity({ row }: Holding): void {
    this.holdings.rows[row + HOLDING.changed] = this.now;
  }
}
