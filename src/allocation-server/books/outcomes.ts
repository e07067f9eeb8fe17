/** The outcome of a report that is in the books now. */
export const TAKEN = 0;

/** Why a report was not taken, by its outcome; the words are those of `rejectedMessages` in the document. */
const REASONS = [
  'taken',
  'unknown_type',
  'padding_not_zero',
  'unknown_process',
  'impossible_device',
  'too_many_devices',
  'unknown_buffer_type',
  'impossible_size',
  'too_many_buffers',
  'unknown_buffer',
  'impossible_cores',
] as const;

export type Reason = Exclude<(typeof REASONS)[number], 'taken'>;

/** The outcomes, so that hot code compares small numbers. */
export const OUTCOME = {
  UNKNOWN_TYPE: 1,
  PADDING_NOT_ZERO: 2,
  UNKNOWN_PROCESS: 3,
  IMPOSSIBLE_DEVICE: 4,
  TOO_MANY_DEVICES: 5,
  UNKNOWN_BUFFER_TYPE: 6,
  IMPOSSIBLE_SIZE: 7,
  TOO_MANY_BUFFERS: 8,
  UNKNOWN_BUFFER: 9,
  IMPOSSIBLE_CORES: 10,
} as const;

/** The word for an outcome of `Books.apply`; undefined for TAKEN. */
export function reasonOf(outcome: number): Reason | undefined {
  const reason = REASONS[outcome];
  return reason === 'taken' ? undefined : reason;
}
