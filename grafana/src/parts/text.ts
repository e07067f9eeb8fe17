/** A share of 1 for a person: `0.1 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

/** Seconds for a person: `90 min`. */
export function minutes(seconds: number): string {
  return `${Number((seconds / 60).toPrecision(6))} min`;
}
