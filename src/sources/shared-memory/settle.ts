import type { DecodedRegion } from './decode.ts';
import type { Decoded } from './decoded-regions.ts';
import type { RegionFailure } from './recognise.ts';

/** What one or two reads of a region gave. */
export interface Settled {
  /** Of the bytes that were decoded. */
  readonly hash: string;
  readonly result: DecodedRegion | RegionFailure;
  /** The region was written to during both reads: its totals and slots may not fit. */
  readonly torn: boolean;
}

/**
 * Decodes a region, and where its sums look wrong a second reading of it, in case the first fell between two writes.
 * A difference that stays the same is none of the moment: then the region itself says it, and nothing is torn.
 * `read` is called for the first and then maybe for the second reading, which must not overwrite the first.
 */
export function settle(read: (reading: 0 | 1) => Buffer, decode: (bytes: Buffer) => Decoded): Settled {
  const { result, hash } = decode(read(0));
  if (!result.suspect) return { hash, result, torn: false };
  const later = decode(read(1));
  const isSuspect = result.ok && later.result.ok && later.result.suspect;
  return { ...later, torn: isSuspect && later.result.difference !== result.difference };
}
