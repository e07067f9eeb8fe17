import { HEADER } from '../../protocol/layout.ts';
import { MESSAGE } from '../../protocol/messages.ts';
import { BufferReports } from './buffer-reports.ts';
import { EvidenceReports } from './evidence-reports.ts';
import type { Ledger } from './ledger.ts';
import { TYPE } from './memory-rows.ts';
import { OUTCOME } from './outcomes.ts';
import type { Process } from './processes.ts';
import { paddingIsZero } from './report-frame.ts';
import { SumReports } from './sum-reports.ts';

/** Takes reports of every type. */
export class ReportTaker {
  readonly #buffers: BufferReports;
  readonly #sums: SumReports;
  readonly #evidence: EvidenceReports;

  constructor(ledger: Ledger) {
    this.#buffers = new BufferReports(ledger);
    this.#sums = new SumReports(ledger);
    this.#evidence = new EvidenceReports(ledger);
  }

  /** The outcome, which is not counted here. */
  take(process: Process, frames: DataView, offset: number): number {
    const outcome = this.#judge(process, frames, offset);
    if (outcome === OUTCOME.TOO_MANY_BUFFERS || outcome === OUTCOME.TOO_MANY_DEVICES) process.incomplete = true;
    return outcome;
  }

  #judge(process: Process, frames: DataView, offset: number): number {
    if (!paddingIsZero(frames, offset)) return OUTCOME.PADDING_NOT_ZERO;
    const deviceId = frames.getInt32(offset + HEADER.deviceId, true);
    if (deviceId < 0) return OUTCOME.IMPOSSIBLE_DEVICE;
    switch (frames.getUint8(offset + HEADER.type)) {
      case MESSAGE.ALLOC:
        return this.#buffers.alloc(process, deviceId, frames, offset);
      case MESSAGE.FREE:
        return this.#buffers.free(process, deviceId, frames, offset);
      case MESSAGE.CB_ALLOC:
        return this.#sums.gain(TYPE.cb, process, deviceId, frames, offset);
      case MESSAGE.CB_FREE:
        return this.#sums.lose(TYPE.cb, process, deviceId, frames, offset);
      case MESSAGE.KERNEL_LOAD:
        return this.#sums.gain(TYPE.kernel, process, deviceId, frames, offset);
      case MESSAGE.KERNEL_UNLOAD:
        return this.#sums.lose(TYPE.kernel, process, deviceId, frames, offset);
      case MESSAGE.CB_ALLOC_CORES:
        return this.#sums.gainOnCores(process, deviceId, frames, offset);
      case MESSAGE.ALLOCATOR_STATS:
        return this.#evidence.stats(process, deviceId, frames, offset);
      case MESSAGE.ALLOC_FAILED:
        return this.#evidence.failed(process, deviceId, frames, offset);
      default:
        return OUTCOME.UNKNOWN_TYPE;
    }
  }
}
