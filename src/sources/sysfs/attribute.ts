import type { CardDraft } from './draft.ts';
import type { Architecture } from './types.ts';

/**
 * What a file's text turned out to be, as evidence of the card's state. `good`: a believable answer; `rejected`: one
 * that cannot be true; `all_ones`: what a chip that is off the bus answers; `nothing`: text that says neither;
 * `malformed`: not what this file holds.
 */
export type Verdict = 'good' | 'rejected' | 'all_ones' | 'nothing' | 'malformed';

/** Where a file is: the function's own directory, `tenstorrent/tenstorrent!N` below it, or each of its hwmon directories. */
export type Home = 'pci' | 'class' | 'hwmon';

/** One file that is read of every card: a row of the table in attributes.ts. */
export interface Attribute {
  readonly home: Home;
  readonly file: string;
  readonly maxBytes: number;
  /** `driver`: a read of it can be blocked by the driver; `pci`: it is the kernel's own and cannot. */
  readonly lane: 'driver' | 'pci';
  /**
   * What it tells of the card's state. `live`: a reading of this moment; `telemetry`: firmware publishes it, but the
   * driver may know it from before; `none`.
   */
  readonly evidence: 'live' | 'telemetry' | 'none';
  /** An architecture whose driver has no such file: it is not even looked for there. */
  readonly absentOn: Architecture | undefined;
  /** Decodes the text and puts what it says where it belongs. */
  take(text: string, draft: CardDraft): Verdict;
}
