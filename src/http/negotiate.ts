import type { PageFormat } from '../reader/types.ts';
import { parseRanges } from './media-ranges.ts';
import type { WeightedRange } from './media-ranges.ts';

export const CONTENT_TYPES: Readonly<Record<PageFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/**
 * The format that the client likes best; the one it names first where it likes both the same. Only a client that names
 * OpenMetrics 1.0 gets it. Everybody else gets text, even who accepts neither: as exporters do, rather than 406.
 */
export function chooseFormat(accept: string | undefined): PageFormat {
  const ranges = parseRanges(accept ?? '');
  const openMetrics = best(ranges, openMetricsFit);
  const text = best(ranges, textFit);
  if (openMetrics.quality === 0) return 'text';
  if (openMetrics.quality !== text.quality) return openMetrics.quality > text.quality ? 'openmetrics' : 'text';
  return openMetrics.position < text.position ? 'openmetrics' : 'text';
}

/** Whether the client takes gzip, and not less gladly than the page as it is. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const qualities = new Map(parseRanges(acceptEncoding ?? '').map(({ value, quality }) => [value, quality]));
  const gzip = qualities.get('gzip') ?? qualities.get('x-gzip') ?? qualities.get('*') ?? 0;
  return gzip > 0 && gzip >= (qualities.get('identity') ?? 0);
}

/** How exactly a range names a format; undefined: it is about something else. */
type Fit = (range: WeightedRange) => number | undefined;

function openMetricsFit({ value, parameters }: WeightedRange): number | undefined {
  if (value !== 'application/openmetrics-text') return undefined;
  const version = parameters.get('version');
  if (version === undefined) return 1;
  return version === '1.0.0' ? 2 : undefined;
}

function textFit({ value, parameters }: WeightedRange): number | undefined {
  if (value === '*/*') return 0;
  if (value === 'text/*') return 1;
  if (value !== 'text/plain') return undefined;
  const version = parameters.get('version');
  if (version === undefined) return 2;
  return version === '0.0.4' ? 3 : undefined;
}

/** Of the ranges that fit, the most exact one says how welcome a format is. */
function best(ranges: readonly WeightedRange[], fit: Fit): { readonly quality: number; readonly position: number } {
  let found = { quality: 0, position: ranges.length };
  let exactness = -1;
  for (const [position, range] of ranges.entries()) {
    const exact = fit(range);
    if (exact === undefined || exact <= exactness) continue;
    exactness = exact;
    found = { quality: range.quality, position };
  }
  return found;
}
