import { randomInt } from 'node:crypto';

/** Five random words; nobody outside knows them. */
export type HashKeys = readonly [number, number, number, number, number];

/** Keys for one run: a client that could foretell hashes could make every look-up slow. */
export function randomKeys(): HashKeys {
  const odd = (): number => (randomInt(2 ** 31) * 2 + 1) | 0;
  return [odd(), odd(), odd(), odd(), odd()];
}

/**
 * A hash (i32) of a buffer's id and its owner. Each word is mixed before the next one comes in, so that ids which
 * collide cannot be told without the keys.
 */
export function hashOf(keys: HashKeys, owner: number, idLow: number, idHigh: number): number {
  let hash = Math.imul(idLow ^ keys[0], keys[1]);
  hash = Math.imul(hash ^ (hash >>> 16), keys[2]);
  hash = Math.imul(((hash ^ (hash >>> 15)) + idHigh) ^ keys[4], keys[3]);
  hash = Math.imul(((hash ^ (hash >>> 16)) + owner) ^ keys[0], keys[4]);
  hash = Math.imul(hash ^ (hash >>> 15), keys[1]);
  return hash ^ (hash >>> 16);
}
