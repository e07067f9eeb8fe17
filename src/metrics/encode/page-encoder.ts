import type { PlacedBlock } from '../../gzip/page-block.ts';
import type { PageFormat } from '../../reader/types.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { FAMILIES } from '../catalogue.ts';
import { SERIES_FAMILY } from '../catalogue/exporter.ts';
import type { Family } from '../family.ts';
import { BlockWriter } from './block-writer.ts';
import { ByteWriter } from './byte-writer.ts';
import { DeviceBlocks } from './device-blocks.ts';
import { planFamily } from './family-plan.ts';
import type { FamilyPlan } from './family-plan.ts';
import { FEW_SAMPLES } from './few-samples.ts';
import { fragment } from './fragment.ts';
import type { SampleBlock } from './sample-block.ts';

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
  /** Stretches that are the same as in other pages of this encoder. The copies in them are not among `copies`. */
  readonly blocks: readonly PlacedBlock[];
  /** Samples in the page, tt_exporter_series and the exporter's own among them. */
  readonly series: number;
}

/** What is kept of a family from page to page. */
interface FamilyState {
  readonly plan: FamilyPlan;
  readonly blocks: SampleBlock[];
  readonly deviceBlocks: DeviceBlocks;
  /** In the page before: of few no block is worth being made. */
  samples: number;
}

/**
 * Draws a snapshot as a page. One encoder serves one page at a time and keeps its buffer, so that a page costs next to
 * no allocation. A family without samples is left out whole.
 */
export class PageEncoder {
  readonly #writer = new ByteWriter();
  readonly #samples = new BlockWriter(this.#writer);
  readonly #states = new WeakMap<Family, FamilyState>();
  readonly #families: readonly Family[];

  /** `families`: in the page's order. */
  constructor(families: readonly Family[] = FAMILIES) {
    this.#families = families;
  }

  encode(snapshot: Snapshot, options: EncodeOptions): EncodedPage {
    const writer = this.#writer;
    const samples = this.#samples;
    writer.start();
    samples.start(options.format);
    for (const family of options.families ?? this.#families) {
      this.#draw(family, snapshot);
    }
    const series = samples.samples + 1 + options.ownSeries;
    samples.plain(this.#state(SERIES_FAMILY).plan).sample(series);
    writer.bytes(options.ownFamilies);
    if (options.format === 'openmetrics') writer.fragment(END_OF_FILE);
    return { body: writer.finish(), copies: writer.copies, blocks: samples.placed, series };
  }

  #draw(family: Family, snapshot: Snapshot): void {
    const samples = this.#samples;
    const state = this.#state(family);
    const before = samples.samples;
    if (family.byDevice !== undefined) {
      samples.byDevice(state.plan, snapshot.devices, family.byDevice, state.deviceBlocks);
    } else if (state.samples < FEW_SAMPLES) {
      family.draw(snapshot, samples.plain(state.plan));
    } else {
      samples.begin(state.plan, state.blocks);
      family.draw(snapshot, samples);
      samples.finishFamily();
    }
    state.samples = samples.samples - before;
  }

  #state(family: Family): FamilyState {
    let state = this.#states.get(family);
    if (state === undefined) {
      state = { plan: planFamily(family), blocks: [], deviceBlocks: new DeviceBlocks(), samples: Infinity };
      this.#states.set(family, state);
    }
    return state;
  }
}
