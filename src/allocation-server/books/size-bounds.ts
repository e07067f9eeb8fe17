import { TYPE, TYPES } from './memory-rows.ts';
import type { DeviceFacts } from './types.ts';

/** How much more than all there is a claim may be and still be taken: servers and clients have over-counted. */
const OVER_CAPACITY = 64;

/**
 * What no size is above: 64 times 64 GiB. What 2048 processes may claim at most then adds up to 2^53, so that sums stay
 * exact.
 */
const MOST = 2 ** 42;

/** What one core's bytes are not above where its L1 is not known. */
const MOST_A_CORE = 2 ** 32;

/** What a device's sizes, and what one process holds of each type, are not above. */
export interface SizeBounds {
  /** By type. */
  readonly bytes: Float64Array;
  readonly bytesPerCore: number;
}

export const UNKNOWN_BOUNDS: SizeBounds = { bytes: new Float64Array(TYPES).fill(MOST), bytesPerCore: MOST_A_CORE };

export function sizeBounds({ dramBytes, l1Bytes, l1BytesPerCore }: DeviceFacts['capacity']): SizeBounds {
  const bytes = new Float64Array(TYPES).fill(MOST);
  for (const type of [TYPE.dram, TYPE.trace]) bytes[type] = bound(dramBytes, MOST);
  for (const type of [TYPE.l1, TYPE.l1_small, TYPE.cb, TYPE.kernel]) bytes[type] = bound(l1Bytes, MOST);
  return { bytes, bytesPerCore: bound(l1BytesPerCore, MOST_A_CORE) };
}

function bound(capacity: number | undefined, most: number): number {
  return capacity === undefined ? most : Math.min(capacity * OVER_CAPACITY, most);
}
