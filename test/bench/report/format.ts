import type { Spread } from '../statistics.ts';

/** Three digits or all of a whole number: `0.214`, `5.31`, `60.2`, `15744`. */
export function short(value: number): string {
  if (Number.isNaN(value)) return '';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(3, digits));
}

/** `5.31 (5.10–6.02)`: the median and the extremes of the rounds. */
export function withSpread({ median, least, most }: Spread): string {
  return `${short(median)} (${short(least)}–${short(most)})`;
}
