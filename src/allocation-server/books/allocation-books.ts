import type { TotalsFields } from '../../protocol/answers.ts';
import { HEADER } from '../../protocol/layout.ts';
import { EndedProcesses } from './ended-processes.ts';
import { Ledger } from './ledger.ts';
import { checkLimits, DEFAULT_LIMITS } from './limits.ts';
import { OUTCOME } from './outcomes.ts';
import { ProcessEnd } from './process-end.ts';
import { Processes } from './processes.ts';
import { remainingBuffers, remainingSums } from './remaining.ts';
import { ReportTaker } from './report-taker.ts';
import { copyForSnapshot } from './snapshot-copy.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { stockTotals } from './stock-totals.ts';
import type {
  Books,
  BooksLimits,
  DeviceFacts,
  ProcessFacts,
  ProcessHandle,
  RemainingBuffer,
  RemainingSum,
  SnapshotJob,
  SnapshotServer,
  WatchedRegions,
} from './types.ts';

/** What a report does of the work that is put off, and what a call of `tidy` does. */
const ENTRIES = { aReport: 2, aTidy: 128 };

/** The books of one run of the server; see Books. Throws RangeError where a limit is impossible. */
export class AllocationBooks implements Books {
  readonly #ledger: Ledger;
  readonly #processes: Processes;
  readonly #ended: EndedProcesses;
  readonly #end: ProcessEnd;
  readonly #reports: ReportTaker;

  constructor(limits: Partial<BooksLimits> = {}) {
    const all = { ...DEFAULT_LIMITS, ...limits };
    checkLimits(all);
    this.#ledger = new Ledger(all);
    this.#processes = new Processes(all.processes);
    this.#ended = new EndedProcesses(all.endedProcesses);
    this.#end = new ProcessEnd(this.#ledger, this.#ended);
    this.#reports = new ReportTaker(this.#ledger);
  }

  setTime(seconds: number): void {
    this.#ledger.now = seconds;
    this.#ended.expire(seconds);
  }

  open(identity: string, facts: ProcessFacts): ProcessHandle | undefined {
    return this.#processes.open(identity, facts)?.handle;
  }

  update(process: ProcessHandle, facts: ProcessFacts): void {
    const known = this.#processes.get(process);
    if (known !== undefined) known.facts = facts;
  }

  end(process: ProcessHandle): void {
    const known = this.#processes.get(process);
    if (known === undefined) return;
    this.#end.end(known);
    this.#processes.close(known);
  }

  apply(process: ProcessHandle, frames: DataView, offset: number): number {
    const known = this.#processes.get(process);
    const outcome = known === undefined ? OUTCOME.UNKNOWN_PROCESS : this.#reports.take(known, frames, offset);
    if (outcome === OUTCOME.TAKEN) this.#ledger.counts.taken(frames.getUint8(offset + HEADER.type));
    else this.#ledger.counts.outcome(outcome);
    if (this.#end.pending) this.#end.sweep(ENTRIES.aReport);
    this.#ledger.buffers.trim(ENTRIES.aReport);
    return outcome;
  }

  countMessage(type: number): void {
    this.#ledger.counts.taken(type);
  }

  countRejected(reason: string): void {
    this.#ledger.counts.rejected(reason);
  }

  setDevice(deviceId: number, facts: DeviceFacts): void {
    this.#ledger.devices.setFacts(deviceId, facts);
  }

  deviceFacts(deviceId: number): DeviceFacts | undefined {
    return this.#ledger.devices.get(deviceId)?.facts;
  }

  deviceIds(): number[] {
    return this.#ledger.devices.all().map(({ id }) => id);
  }

  stockTotals(deviceId: number): TotalsFields {
    return stockTotals(this.#ledger.devices.get(deviceId));
  }

  remainingBuffers(): IterableIterator<RemainingBuffer> {
    return remainingBuffers(this.#ledger);
  }

  remainingSums(type: 'cb' | 'kernel'): RemainingSum[] {
    return remainingSums(this.#ledger, type);
  }

  beginSnapshot(server: SnapshotServer, watched?: WatchedRegions): SnapshotJob {
    return new SnapshotWriter(copyForSnapshot(this.#ledger, this.#ended, server, watched));
  }

  tidy(): boolean {
    this.#end.sweep(ENTRIES.aTidy);
    const { buffers, coreBuffers } = this.#ledger;
    const more = [buffers.trim(ENTRIES.aTidy), coreBuffers.trim(ENTRIES.aTidy)];
    return more.includes(true) || this.#end.pending;
  }
}
