import type { DocumentEndedProcess } from '../../protocol/snapshot-document.ts';
import { FIELD, HOLDING, byType } from './memory-rows.ts';
import type { Process } from './processes.ts';
import type { ProcessFacts } from './types.ts';

const KEPT_SECONDS = 15 * 60;

/** What is kept of processes that have ended: for 15 minutes, and the newest so many. */
export class EndedProcesses {
  readonly #limit: number;
  #records: DocumentEndedProcess[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The oldest first. */
  get records(): readonly DocumentEndedProcess[] {
    return this.#records;
  }

  /** `rows`: of all holdings, with what the process held at its end. One that has reported nothing leaves no record. */
  add(process: Process, rows: Float64Array, endedSeconds: number): void {
    if (process.holdings.size === 0) return;
    const devices = [...process.holdings.values()].map(({ device, row }) => {
      const used = (at: number): boolean => (rows[at + FIELD.ALLOCATIONS] ?? 0) > 0;
      const peakBytes = byType(rows, row, HOLDING, FIELD.PEAK_BYTES, used);
      return { id: device.id, peakBytes, heldBytes: byType(rows, row, HOLDING, FIELD.LIVE_BYTES, used) };
    });
    this.#records.push({ ...withoutPartial(process.facts), endedSeconds, devices });
    if (this.#records.length > this.#limit) this.#records.shift();
  }

  expire(nowSeconds: number): void {
    const isOver = ({ endedSeconds = 0 }: DocumentEndedProcess): boolean => endedSeconds < nowSeconds - KEPT_SECONDS;
    const [oldest] = this.#records;
    if (oldest !== undefined && isOver(oldest)) this.#records = this.#records.filter((record) => !isOver(record));
  }
}

function withoutPartial(facts: ProcessFacts): Omit<ProcessFacts, 'partial'> {
  const known: { -readonly [K in keyof ProcessFacts]?: ProcessFacts[K] } & { pid: number } = { ...facts };
  delete known.partial;
  return known;
}
