import type { PageFormat } from '../../reader/types.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { FAMILIES } from '../catalogue.ts';
import { SERIES_FAMILY } from '../catalogue/exporter.ts';
import type { Family } from '../family.ts';
import { ByteWriter } from './byte-writer.ts';
import { planFamily } from './family-plan.ts';
import type { FamilyPlan } from './family-plan.ts';
import { fragment } from './fragment.ts';
import { LineWriter } from './line-writer.ts';

const END_OF_FILE = fragment('# EOF\n');

export interface EncodeOptions {
  readonly format: PageFormat;
  /** In the page's order; undefined: those that the encoder was made for. */
  readonly families?: readonly Family[] | undefined;
  /** The exporter's own families in the same format, without `# EOF`. */
  readonly ownFamilies: Uint8Array;
  /** Samples in them. */
  readonly ownSeries: number;
}

export interface EncodedPage {
  /** A view into the encoder's buffer, valid until its next `encode`: send or copy it before. */
  readonly body: Uint8Array;
  /** What in it is known to be there a second time: position, origin and length of each. As good as `body`. */
  readonly copies: Int32Array;
  /** Samples in the page, tt_exporter_series and the exporter's own among them. */
  readonly series: number;
}

/**
 * Draws a snapshot as a page. One encoder serves one page at a time and keeps its buffer, so that a page costs next to
 * no allocation. A family without samples is left out whole.
 */
export class PageEncoder {
  readonly #writer = new ByteWriter();
  readonly #lines = new LineWriter(this.#writer);
  readonly #plans = new WeakMap<Family, FamilyPlan>();
  readonly #families: readonly Family[];

  /** `families`: in the page's order. */
  constructor(families: readonly Family[] = FAMILIES) {
    this.#families = families;
  }

  encode(snapshot: Snapshot, options: EncodeOptions): EncodedPage {
    const writer = this.#writer;
    const lines = this.#lines;
    writer.start();
    lines.start(options.format);
    for (const family of options.families ?? this.#families) {
      lines.begin(this.#plan(family));
      family.draw(snapshot, lines);
    }
    const series = lines.samples + 1 + options.ownSeries;
    lines.begin(this.#plan(SERIES_FAMILY));
    lines.sample(series);
    writer.bytes(options.ownFamilies);
    if (options.format === 'openmetrics') writer.fragment(END_OF_FILE);
    return { body: writer.finish(), copies: writer.copies, series };
  }

  #plan(family: Family): FamilyPlan {
    let plan = this.#plans.get(family);
    if (plan === undefined) {
      plan = planFamily(family);
      this.#plans.set(family, plan);
    }
    return plan;
  }
}
