import type { TotalsFields } from '../protocol/answers.ts';
import { decodeReport } from '../protocol/decode-report.ts';
import type { Dialect } from '../protocol/layout.ts';
import { BUFFER_TYPE, STOCK_DEVICES } from '../protocol/messages.ts';
import type { Report } from '../protocol/reports.ts';

type Total = keyof TotalsFields;

interface Entry {
  readonly deviceId: number;
  readonly total: Total | undefined;
  readonly size: bigint;
  /** Whoever reported it first. */
  readonly owner: number;
  references: number;
}

const NO_TOTALS: TotalsFields = { dram: 0n, l1: 0n, l1Small: 0n, trace: 0n, cb: 0n, kernel: 0n };

/** An ALLOC for a device that the stock server does not know writes out of its arrays. */
export class OutOfBoundsWrite extends Error {
  override readonly name = 'OutOfBoundsWrite';
}

/** The stock server's books, with its faults: see the methods. */
export class StockBooks {
  readonly #entries = new Map<string, Entry>();
  readonly #totals = Array.from({ length: STOCK_DEVICES }, (): Record<Total, bigint> => {
    return { dram: 0n, l1: 0n, l1Small: 0n, trace: 0n, cb: 0n, kernel: 0n };
  });

  /** A device's totals; zeros for one that it does not know. */
  totals(deviceId: number): TotalsFields {
    return { ...(this.#totals[deviceId] ?? NO_TOTALS) };
  }

  /** Takes a report. Throws OutOfBoundsWrite where the stock server's memory would be damaged. */
  take(dialect: Dialect, frame: Buffer): void {
    const report = decodeReport(dialect, frame);
    if (report.kind === 'alloc') this.#allocate(report);
    else if (report.kind === 'free') this.#free(report.deviceId, report.bufferId);
    else if (report.kind === 'cb_alloc') this.#add(report.deviceId, 'cb', BigInt(report.size));
    else if (report.kind === 'cb_free') this.#add(report.deviceId, 'cb', -BigInt(report.size));
    else if (report.kind === 'kernel_load') this.#add(report.deviceId, 'kernel', BigInt(report.size));
    else if (report.kind === 'kernel_unload') this.#add(report.deviceId, 'kernel', -BigInt(report.size));
  }

  /** Drops the buffers of every process that `isAlive` denies, whoever else holds them. It knows no PIDs of CBs. */
  reap(isAlive: (pid: number) => boolean): void {
    for (const [key, entry] of this.#entries) {
      if (isAlive(entry.owner)) continue;
      this.#entries.delete(key);
      this.#add(entry.deviceId, entry.total, -entry.size);
    }
  }

  #allocate(report: Extract<Report, { kind: 'alloc' }>): void {
    const { deviceId, bufferId, processId } = report;
    if (this.#totals[deviceId] === undefined) throw new OutOfBoundsWrite(`ALLOC about device ${deviceId}`);
    const key = `${deviceId}:${bufferId}`;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.references++;
      return;
    }
    const [total, size] = [totalOf(report.bufferType), BigInt(report.size)];
    this.#entries.set(key, { deviceId, total, size, owner: processId, references: 1 });
    this.#add(deviceId, total, size);
  }

  #free(deviceId: number, bufferId: bigint): void {
    const key = `${deviceId}:${bufferId}`;
    const entry = this.#entries.get(key);
    if (entry === undefined || --entry.references > 0) return;
    this.#entries.delete(key);
    this.#add(deviceId, entry.total, -entry.size);
  }

  /** The totals are unsigned: below 0 they wrap around to 2^64. */
  #add(deviceId: number, total: Total | undefined, bytes: bigint): void {
    const totals = this.#totals[deviceId];
    if (totals !== undefined && total !== undefined) totals[total] = BigInt.asUintN(64, totals[total] + bytes);
  }
}

function totalOf(bufferType: number): Total | undefined {
  switch (bufferType) {
    case BUFFER_TYPE.DRAM:
      return 'dram';
    case BUFFER_TYPE.L1:
      return 'l1';
    case BUFFER_TYPE.SYSTEM_MEMORY:
    case BUFFER_TYPE.L1_SMALL:
      return 'l1Small';
    case BUFFER_TYPE.TRACE:
      return 'trace';
    default:
      return undefined;
  }
}
