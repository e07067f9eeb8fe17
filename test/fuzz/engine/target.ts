/** Something that takes bytes of whoever sends them. */
export interface FuzzTarget {
  readonly name: string;
  /** Good inputs to begin with. */
  readonly seeds: () => Buffer[];
  /** Words of its format, which mutations put in. */
  readonly tokens: readonly string[];
  readonly maxBytes: number;
  /** Throws (or rejects) where something is wrong; an input that is refused in the proper way is not wrong. */
  readonly run: (input: Buffer) => void | Promise<void>;
}
