import type { MemoryUse } from '../host-view/types.ts';
import { bar, toneOfShare } from './bar.ts';
import type { Glyphs } from './glyphs.ts';
import { bytesText, percentText, UNKNOWN } from './quantities.ts';
import { span } from './spans.ts';
import type { Line } from './spans.ts';

/** Cells of `26.0G/32.0G`. */
const USE_WIDTH = 11;
const PERCENT_WIDTH = 5;
const LEAST_BAR = 4;

/** Used of capacity, with percent and a bar as far as there is room. */
export function memoryCell({ usedBytes, capacityBytes }: MemoryUse, width: number, glyphs: Glyphs): Line {
  if (usedBytes === undefined) {
    return [span(capacityBytes === undefined ? UNKNOWN : `${UNKNOWN}/${bytesText(capacityBytes)}`, 'dim')];
  }
  if (capacityBytes === undefined || capacityBytes === 0) return [span(bytesText(usedBytes))];
  const share = usedBytes / capacityBytes;
  const use = `${bytesText(usedBytes)}/${bytesText(capacityBytes)}`.padStart(USE_WIDTH);
  const percent = percentText(share).padStart(PERCENT_WIDTH);
  const text = width < USE_WIDTH + PERCENT_WIDTH ? use : use + percent;
  const barWidth = width - text.length - 1;
  const tone = toneOfShare(share);
  if (barWidth < LEAST_BAR) return [span(text, tone === 'good' ? 'plain' : tone)];
  return [...bar(share, barWidth, glyphs, tone), span(' '), span(text, tone === 'good' ? 'plain' : tone)];
}
