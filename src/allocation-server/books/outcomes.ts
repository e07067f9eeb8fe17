/** What `Books.apply` gives: TAKEN, or why the report was not taken. Small numbers, because it is hot code. */
export const OUTCOME = {
  TAKEN: 0,
  UNKNOWN_TYPE: 1,
  PADDING_NOT_ZERO: 2,
  /** The handle is none, or the process has ended. */
  UNKNOWN_PROCESS: 3,
  IMPOSSIBLE_DEVICE: 4,
  TOO_MANY_DEVICES: 5,
  UNKNOWN_BUFFER_TYPE: 6,
  IMPOSSIBLE_SIZE: 7,
  TOO_MANY_BUFFERS: 8,
  UNKNOWN_BUFFER: 9,
  IMPOSSIBLE_CORES: 10,
} as const;

const WORDS = Object.keys(OUTCOME).map((name) => name.toLowerCase());

/** The word for an outcome in `rejectedMessages` of the document; undefined for TAKEN. */
export function reasonOf(outcome: number): string | undefined {
  return outcome === OUTCOME.TAKEN ? undefined : WORDS[outcome];
}

/** Reports that were taken, but where the numbers may not be what the application meant. */
export const DOUBT = {
  /** A FREE that could mean buffers of several types: it took the one allocated last. */
  AMBIGUOUS_FREE: 'ambiguous_free',
  /** A second ALLOC of a live buffer with another size: the first size stands. */
  OTHER_SIZE: 'other_size',
  /** A CB_FREE of more than the process has; it took what was there. */
  CB_BELOW_ZERO: 'cb_below_zero',
  KERNEL_BELOW_ZERO: 'kernel_below_zero',
} as const;

export type Doubt = (typeof DOUBT)[keyof typeof DOUBT];
