import { decodeRegion } from './decode.ts';
import type { DecodedRegion, DecodeOptions } from './decode.ts';
import type { RegionFailure } from './recognise.ts';

/** What one or two reads of a region gave. */
export interface Settled {
  /** Those that were decoded. */
  readonly bytes: Buffer;
  readonly result: DecodedRegion | RegionFailure;
  /** The region was written to during both reads: its totals and slots may not fit. */
  readonly torn: boolean;
}

/**
 * Decodes a region, and where its sums look wrong a second reading of it, in case the first fell between two writes.
 * A difference that stays the same is none of the moment: then the region itself says it, and nothing is torn.
 * `read` is called for the first and then maybe for the second reading, which must not overwrite the first.
 */
export function settle(read: (reading: 0 | 1) => Buffer, options: DecodeOptions): Settled {
  const bytes = read(0);
  const result = decodeRegion(bytes, options);
  if (!result.suspect) return { bytes, result, torn: false };
  const later = read(1);
  const laterResult = decodeRegion(later, options);
  const torn = result.ok && laterResult.ok && laterResult.suspect && laterResult.difference !== result.difference;
  return { bytes: later, result: laterResult, torn };
}
