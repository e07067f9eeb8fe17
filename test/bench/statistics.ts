/** The value below which a share of the samples lies, 0 to 1. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** A quantity as it came out in each round. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spread(rounds: readonly number[]): Spread {
  return { median: median(rounds), least: Math.min(...rounds), most: Math.max(...rounds) };
}

/** One by the other, round by round: what both suffered from in a round cancels out. */
export function ratios(over: readonly number[], under: readonly number[]): Spread {
  return spread(over.map((value, round) => value / (under[round] ?? NaN)));
}
