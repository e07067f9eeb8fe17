import { HEADER } from '../../protocol/layout.ts';
import { BUFFER_TYPE } from '../../protocol/messages.ts';
import { NONE } from './buffer-pool.ts';
import type { BufferFields } from './buffer-table.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
import { TYPE } from './memory-rows.ts';
import { DOUBT, OUTCOME } from './outcomes.ts';
import type { Process } from './processes.ts';
import { idHigh, idLow, readSize, readTime } from './report-frame.ts';

const MOST_REFERENCES = 2 ** 31 - 1;
/** Clocks of the same host differ by nothing; this is for batches whose time was taken before they were read. */
const FUTURE_SECONDS = 1;
const OLDEST_SECONDS = 10 * 366 * 86_400;

/** The row's type of a wire's buffer_type; NONE where there is no such type. */
export function typeOfBuffer(bufferType: number): number {
  switch (bufferType) {
    case BUFFER_TYPE.DRAM:
      return TYPE.dram;
    case BUFFER_TYPE.L1:
      return TYPE.l1;
    case BUFFER_TYPE.SYSTEM_MEMORY:
      return TYPE.host;
    case BUFFER_TYPE.L1_SMALL:
      return TYPE.l1_small;
    case BUFFER_TYPE.TRACE:
      return TYPE.trace;
    default:
      return NONE;
  }
}

/** ALLOC and FREE. */
export class BufferReports {
  readonly #ledger: Ledger;
  /** One object for all reports: hot code makes no new ones. */
  readonly #fields: BufferFields = { type: 0, count: 1, size: 0.5, time: 0.5 };

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  alloc(process: Process, deviceId: number, frames: DataView, offset: number): number {
    const ledger = this.#ledger;
    const type = typeOfBuffer(frames.getUint8(offset + HEADER.bufferType));
    if (type === NONE) return OUTCOME.UNKNOWN_BUFFER_TYPE;
    const size = readSize(frames, offset);
    const bound = ledger.boundsOf(process, deviceId).bytes[type] ?? 0;
    if (size > bound) return OUTCOME.IMPOSSIBLE_SIZE;
    const holding = ledger.openHolding(process, deviceId);
    if (holding === undefined) return OUTCOME.TOO_MANY_DEVICES;
    const newest = ledger.buffers.find(holding.index, idLow(frames, offset), idHigh(frames, offset));
    const same = this.#ofType(newest, type);
    if (same === NONE) {
      if (ledger.liveBytes(holding, type) + size > bound) return OUTCOME.IMPOSSIBLE_SIZE;
      if (!ledger.hasRoom(process)) return OUTCOME.TOO_MANY_BUFFERS;
      this.#insert(holding, newest, type, frames, offset);
    } else {
      this.#refer(same, size);
    }
    ledger.touch(holding);
    return OUTCOME.TAKEN;
  }

  free(process: Process, deviceId: number, frames: DataView, offset: number): number {
    const { buffers, counts } = this.#ledger;
    const holding = process.holdings.get(deviceId);
    if (holding === undefined) return OUTCOME.UNKNOWN_BUFFER;
    const at = buffers.find(holding.index, idLow(frames, offset), idHigh(frames, offset));
    if (at === NONE) return OUTCOME.UNKNOWN_BUFFER;
    if (buffers.older(at) !== NONE) counts.doubt(DOUBT.AMBIGUOUS_FREE);
    const references = buffers.countOf(at);
    if (references > 1) {
      buffers.setCount(at, references - 1);
    } else {
      this.#ledger.freed(holding, buffers.typeOf(at), buffers.sizeOf(at), 1);
      buffers.remove(at);
      process.buffers--;
    }
    this.#ledger.touch(holding);
    return OUTCOME.TAKEN;
  }

  #ofType(newest: number, type: number): number {
    const { buffers } = this.#ledger;
    let at = newest;
    while (at !== NONE && buffers.typeOf(at) !== type) at = buffers.older(at);
    return at;
  }

  #insert(holding: Holding, newest: number, type: number, frames: DataView, offset: number): void {
    const fields = this.#fields;
    fields.type = type;
    fields.size = readSize(frames, offset);
    fields.time = this.#timeOf(holding.process, frames, offset);
    this.#ledger.buffers.insert(newest, holding.index, idLow(frames, offset), idHigh(frames, offset), fields);
    this.#ledger.allocated(holding, type, fields.size);
    holding.process.buffers++;
  }

  /** A second ALLOC of a live buffer: a reference, and the one that the next FREE takes. */
  #refer(at: number, size: number): void {
    const { buffers, counts } = this.#ledger;
    if (buffers.sizeOf(at) !== size) counts.doubt(DOUBT.OTHER_SIZE);
    buffers.setCount(at, Math.min(buffers.countOf(at) + 1, MOST_REFERENCES));
    buffers.renew(at);
  }

  /** When the application says that it allocated it, where that can be; else now. */
  #timeOf(process: Process, frames: DataView, offset: number): number {
    const { now } = this.#ledger;
    const time = readTime(frames, offset);
    const earliest = Math.max(now - OLDEST_SECONDS, (process.facts.startSeconds ?? 0) - FUTURE_SECONDS);
    return time >= earliest && time <= now + FUTURE_SECONDS ? time : now;
  }
}
