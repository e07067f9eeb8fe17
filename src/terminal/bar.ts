import type { Glyphs } from './glyphs.ts';
import { span } from './spans.ts';
import type { Span, Tone } from './spans.ts';

/**
 * A bar of `width` cells for a share of 1. More than 1 is a full bar; a share above 0 is never shown as none, and one
 * below 1 never as all.
 */
export function bar(share: number, width: number, glyphs: Glyphs, tone: Tone): Span[] {
  const steps = glyphs.bar.length;
  const whole = width * steps;
  let filled = Math.round(Math.min(1, Math.max(0, share)) * whole);
  if (share > 0 && filled === 0) filled = 1;
  if (share < 1 && filled === whole) filled = whole - 1;
  const full = Math.floor(filled / steps);
  const part = filled % steps;
  const text = (glyphs.bar.at(-1) ?? '').repeat(full) + (part === 0 ? '' : (glyphs.bar[part - 1] ?? ''));
  return [span(text, tone), span(glyphs.barEmpty.repeat(width - text.length), 'dim')];
}

/** Shares of 1 over time, one cell each, the latest on the right; a gap where nothing was known. */
export function history(shares: readonly (number | undefined)[], width: number, glyphs: Glyphs): string {
  const levels = glyphs.history;
  const cells = shares.slice(-width).map((share) => {
    if (share === undefined) return ' ';
    const level = Math.min(levels.length - 1, Math.max(0, Math.floor(share * levels.length)));
    return levels[level] ?? ' ';
  });
  return cells.join('').padStart(width);
}

/** How full is too full: the colours of bars. */
export function toneOfShare(share: number): Tone {
  if (share > 0.95) return 'bad';
  return share > 0.8 ? 'warning' : 'good';
}
