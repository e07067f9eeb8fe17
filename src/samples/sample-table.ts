/**
 * The samples of a snapshot as columns: few large arrays in place of an object a sample, so that they cross from one
 * process to another, and are read there, at little cost.
 */
export interface SampleTable {
  /** Seconds since the epoch. */
  readonly takenAtSeconds: number;
  /** When the program that reads began to count what it counts itself, in seconds since the epoch. */
  readonly startedAtSeconds: number;
  /** Every text that is the value of a label, once. */
  readonly texts: readonly string[];
  /** Those that have samples, in the catalogue's order. */
  readonly families: readonly FamilySamples[];
}

export interface FamilySamples {
  /** As in the catalogue. */
  readonly name: string;
  /** How many labels each sample has. */
  readonly labels: number;
  /** One a sample. */
  readonly values: Float64Array;
  /** `labels` a sample, in the order of the family's: places in `texts`. */
  readonly textIds: Uint32Array;
}
