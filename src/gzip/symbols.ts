// The alphabets of DEFLATE (RFC 1951, 3.2.5): a length or a distance is a symbol and some extra bits.

/** Literals and lengths: 256 bytes, the end of the block, 29 lengths. */
export const LITERAL_SYMBOLS = 286;
export const END_OF_BLOCK = 256;
export const FIRST_LENGTH_SYMBOL = 257;
export const DISTANCE_SYMBOLS = 30;
export const MIN_MATCH = 3;
export const MAX_MATCH = 258;
export const MAX_DISTANCE = 32_768;

/** The smallest length of each length symbol. */
export const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
export const LENGTH_EXTRA_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
/** Each distance symbol has one bit more every second time, from the fourth on. */
export const DISTANCE_EXTRA_BITS = Uint8Array.from({ length: DISTANCE_SYMBOLS }, (_, symbol) =>
  Math.max(0, (symbol >> 1) - 1),
);
/** The smallest distance of each distance symbol. */
export const DISTANCE_BASE = Uint16Array.from({ length: DISTANCE_SYMBOLS }, (_, symbol) =>
  symbol < 2 ? symbol + 1 : (2 + (symbol & 1)) * 2 ** ((symbol >> 1) - 1) + 1,
);

/** Index in LENGTH_BASE by length. */
export const LENGTH_INDEX = Uint8Array.from({ length: MAX_MATCH + 1 }, (_, length) =>
  length < MIN_MATCH ? 0 : LENGTH_BASE.findLastIndex((base) => base <= length),
);

/** Symbols of the distances 1 to 256, then of every 128th above; see `distanceSymbol`. */
export const DISTANCE_SYMBOL = Uint8Array.from({ length: 512 }, (_, at) =>
  DISTANCE_BASE.findLastIndex((base) => base <= (at < 256 ? at + 1 : (at - 256) * 128 + 1)),
);
