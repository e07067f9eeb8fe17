import type { Snapshot } from '../snapshot/snapshot.ts';

/** Read errors by collector and reason since the program started: a counter, so it outlives the snapshots. */
export class ErrorCounts {
  readonly #counts = new Map<string, { readonly collector: string; readonly reason: string; count: number }>();

  add(collector: string, reason: string): void {
    const key = `${collector}\n${reason}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { collector, reason, count: 1 });
    else known.count++;
  }

  snapshot(): Snapshot['readErrors'] {
    return [...this.#counts.values()].map((entry) => ({ ...entry }));
  }
}
