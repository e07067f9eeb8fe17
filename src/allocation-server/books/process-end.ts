import type { EndedProcesses } from './ended-processes.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
import { FIELD, HOLDING, TYPES } from './memory-rows.ts';
import type { Process } from './processes.ts';

/**
 * Takes back what processes leave. The sums are right at once; the entries of single buffers go later, some at a time,
 * and until then nobody finds them.
 */
export class ProcessEnd {
  readonly #ledger: Ledger;
  readonly #ended: EndedProcesses;
  /** Holdings that are closed, and whose entries may still be in the tables. */
  readonly #left: Holding[] = [];

  constructor(ledger: Ledger, ended: EndedProcesses) {
    this.#ledger = ledger;
    this.#ended = ended;
  }

  get pending(): boolean {
    return this.#left.length > 0;
  }

  end(process: Process): void {
    this.#ended.add(process, this.#ledger.holdings.rows, this.#ledger.now);
    for (const holding of process.holdings.values()) this.#close(holding);
  }

  /** As `end`, but the process begins again with its peaks and counters. */
  restate(process: Process): void {
    for (const holding of [...process.holdings.values()]) {
      this.#close(holding);
      const fresh = this.#ledger.openHolding(process, holding.device.id);
      if (fresh !== undefined) this.#carryOver(holding, fresh);
    }
    process.buffers = 0;
  }

  /** Removes at most so many entries. */
  sweep(entries: number): void {
    const { buffers, coreBuffers, holdings } = this.#ledger;
    for (let step = 0; step < entries; step++) {
      const holding = this.#left.at(-1);
      if (holding === undefined) return;
      if (buffers.removeOldest(holding.index) || coreBuffers.removeOldest(holding.index)) continue;
      this.#left.pop();
      holdings.release(holding);
    }
  }

  #close(holding: Holding): void {
    this.#ledger.holdings.close(holding);
    holding.cores = undefined;
    this.#left.push(holding);
  }

  #carryOver(from: Holding, to: Holding): void {
    const { rows } = this.#ledger.holdings;
    rows.copyWithin(to.row, from.row, from.row + HOLDING.row);
    for (let type = 0; type < TYPES; type++) {
      rows[to.row + type * HOLDING.type + FIELD.LIVE_BYTES] = 0;
      rows[to.row + type * HOLDING.type + FIELD.LIVE_BUFFERS] = 0;
    }
  }
}
