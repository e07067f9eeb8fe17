import type { EndedProcesses } from './ended-processes.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
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
}
