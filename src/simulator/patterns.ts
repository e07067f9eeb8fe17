import type { MemoryType } from '../snapshot/memory-types.ts';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** Bytes that a process holds on one chip; a type that is not named is 0. */
export type Holdings = Partial<Record<MemoryType, number>>;

/** How a workload's memory moves while it runs, on each of its chips. */
export type Pattern =
  /** Allocates everything at its start; L1 breathes a little with the requests. */
  | { readonly kind: 'server'; readonly holdings: Holdings }
  /** DRAM rises to a peak and falls back to its floor, over and over. */
  | {
      readonly kind: 'training';
      readonly floorBytes: number;
      readonly peakBytes: number;
      readonly periodSeconds: number;
    }
  /** DRAM grows and nothing is ever given back. */
  | { readonly kind: 'leak'; readonly baseBytes: number; readonly bytesPerMinute: number }
  /** Dies by itself, with everything allocated. */
  | { readonly kind: 'crash'; readonly holdings: Holdings; readonly afterSeconds: number }
  /** Holds memory and does nothing. */
  | { readonly kind: 'idle'; readonly holdings: Holdings };

export interface Demand {
  /** On each chip; undefined: it has crashed. */
  readonly holdings: Holdings | undefined;
  /** Of its cards, 0 to 1. */
  readonly load: number;
}

/** What a workload of this pattern holds when it is so old. */
export function demandAt(pattern: Pattern, ageSeconds: number): Demand {
  switch (pattern.kind) {
    case 'server': {
      const requests = Math.floor(ageSeconds / 5) % 4;
      const l1 = (pattern.holdings.l1 ?? 0) + requests * MIB;
      return { holdings: { ...pattern.holdings, l1 }, load: 0.6 };
    }
    case 'training': {
      const { floorBytes, peakBytes, periodSeconds } = pattern;
      const phase = (ageSeconds % periodSeconds) / periodSeconds;
      const dram = floorBytes + Math.floor((peakBytes - floorBytes) * phase);
      return { holdings: { dram, l1: 24 * MIB, cb: 6 * MIB }, load: 0.95 };
    }
    case 'leak': {
      const leaked = Math.floor((pattern.bytesPerMinute * ageSeconds) / 60);
      return { holdings: { dram: pattern.baseBytes + leaked, l1: 4 * MIB }, load: 0.3 };
    }
    case 'crash':
      return { holdings: ageSeconds < pattern.afterSeconds ? pattern.holdings : undefined, load: 0.5 };
    case 'idle':
      return { holdings: pattern.holdings, load: 0 };
  }
}
