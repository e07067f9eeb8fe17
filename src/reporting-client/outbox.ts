import { encodeReport } from '../protocol/encode-report.ts';
import type { Dialect } from '../protocol/layout.ts';
import type { Report } from '../protocol/reports.ts';
import { Fifo } from './fifo.ts';
import { LiveReports } from './live-reports.ts';
import type { HeldKind, HoldingReport, LiveReport } from './live-reports.ts';

/**
 * What one write takes at most. The kernel takes a write of that size to a Unix socket whole or not at all, so that no
 * frame is cut, which a stock server would not survive in step.
 */
const MAX_BATCH_BYTES = 4096;

/**
 * Reports on their way. They wait one by one as long as there are few. From then on it is `behind`: only the difference is
 * kept between what the server has been told and what is live, which needs no more room than the application's own
 * buffers, and makes a server right that stood still, or that comes back and knows nothing.
 */
export class Outbox {
  readonly #dialect: Dialect;
  readonly #maxQueued: number;
  readonly #live = new LiveReports();
  readonly #queue = new Fifo<Buffer>();
  /** FREEs of what the server knows. They go before `#unsent`, which may have the same ids again. */
  readonly #owed = new Fifo<Buffer>();
  #unsent = new Set<LiveReport>();
  /** Of `#unsent`, in order; undefined where the outbox is not behind. */
  #catchingUp: IterableIterator<LiveReport> | undefined;
  dropped = 0;
  unknownFrees = 0;

  constructor(dialect: Dialect, maxQueued: number) {
    this.#dialect = dialect;
    this.#maxQueued = maxQueued;
    this.startOver();
  }

  get live(): number {
    return this.#live.size;
  }

  /** Something has become live. Throws ProtocolError where a field does not fit. */
  hold(report: HoldingReport): void {
    const frame = encodeReport(this.#dialect, report);
    const live = this.#live.add(report);
    if (!this.#enqueue(frame)) this.#unsent.add(live);
  }

  /** It is live no more. `toFree` makes the report of it. */
  release(kind: HeldKind, deviceId: number, id: bigint, toFree: (held: HoldingReport) => Report): void {
    const live = this.#live.remove(kind, deviceId, id);
    if (live === undefined) this.unknownFrees++;
    // The server knows neither: both are saved.
    else if (this.#unsent.delete(live)) this.dropped += 2;
    else {
      const frame = encodeReport(this.#dialect, toFree(live.report));
      if (!this.#enqueue(frame)) this.#owed.push(frame);
    }
  }

  /** Something that is over once it is said. */
  tell(report: Report): void {
    if (!this.#enqueue(encodeReport(this.#dialect, report))) this.dropped++;
  }

  /** Whole frames for one write; undefined where there is nothing to send. */
  takeBatch(): { readonly bytes: Buffer; readonly frames: number } | undefined {
    const frames: Buffer[] = [];
    let room = MAX_BATCH_BYTES;
    for (;;) {
      const frame = this.#next();
      if (frame === undefined) break;
      frames.push(frame);
      room -= frame.length;
      if (room < frame.length) break;
    }
    return frames.length === 0 ? undefined : { bytes: Buffer.concat(frames), frames: frames.length };
  }

  /** The next server knows nothing. */
  startOver(): void {
    this.#queue.clear();
    this.#owed.clear();
    this.#unsent = new Set(this.#live.values());
    this.#catchingUp = this.#unsent.values();
  }

  /** False where it is behind. */
  #enqueue(frame: Buffer): boolean {
    if (this.#catchingUp !== undefined) return false;
    if (this.#queue.length >= this.#maxQueued) {
      this.#catchingUp = this.#unsent.values();
      return false;
    }
    this.#queue.push(frame);
    return true;
  }

  #next(): Buffer | undefined {
    const frame = this.#queue.shift() ?? this.#owed.shift();
    if (frame !== undefined || this.#catchingUp === undefined) return frame;
    const next = this.#catchingUp.next();
    if (next.done === true) {
      this.#catchingUp = undefined;
      return undefined;
    }
    this.#unsent.delete(next.value);
    return encodeReport(this.#dialect, next.value.report);
  }
}
