import type { PlacedBlock } from '../../gzip/page-block.ts';
import type { PageFormat } from '../../reader/types.ts';
import type { DeviceSnapshot } from '../../snapshot/snapshot.ts';
import type { DevicePart, SampleSink } from '../family.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { DeviceBlocks, DrawnOnce } from './device-blocks.ts';
import type { FamilyPlan } from './family-plan.ts';
import { FEW_SAMPLES } from './few-samples.ts';
import { LineWriter } from './line-writer.ts';
import { SampleBlock } from './sample-block.ts';

/** A block of `FEW_SAMPLES` ends with its device, or what else the first label is; or else with so many. */
const MOST_SAMPLES = 1024;

/**
 * Writes families in blocks of some hundred samples and knows those of the page before: a block of which no label and no
 * value has changed is copied as it is. Comparing a sample takes a tenth of drawing and compressing it, and on most hosts
 * most memory is the same from one scrape to the next. A block is kept when it is met unchanged for the first time, so
 * that those that change every time cost no more than the comparison.
 */
export class BlockWriter implements SampleSink {
  private readonly writer: ByteWriter;
  private readonly lines: LineWriter;
  private blocks: PlacedBlock[] = [];
  /** The family's blocks in the page before; those before `next` are of this page already. */
  private known: SampleBlock[] = [];
  private next = 0;
  private current: SampleBlock | undefined;
  /** Samples since the last block: `same` where they are the first ones of `current`, else they are in `changed`. */
  private count = 0;
  private same = true;
  private changed = new SampleBlock();
  private device = '';

  constructor(writer: ByteWriter) {
    this.writer = writer;
    this.lines = new LineWriter(writer);
  }

  /** Samples since the start, of families that are finished. */
  get samples(): number {
    return this.lines.samples;
  }

  /** The blocks since the start that are known from the page before, in order. */
  get placed(): readonly PlacedBlock[] {
    return this.blocks;
  }

  start(format: PageFormat): void {
    this.blocks = [];
    this.lines.start(format);
  }

  /** `known`: the family's blocks, which are kept from page to page. */
  begin(plan: FamilyPlan, known: SampleBlock[]): void {
    this.lines.begin(plan);
    this.known = known;
    this.next = 0;
    this.beginBlock();
  }

  /** Takes the samples of a family without blocks. */
  plain(plan: FamilyPlan): SampleSink {
    this.lines.begin(plan);
    return this.lines;
  }

  /** A family whole: `known`: what is kept of it from page to page. */
  byDevice(plan: FamilyPlan, devices: readonly DeviceSnapshot[], part: DevicePart, known: DeviceBlocks): void {
    this.lines.begin(plan);
    known.draw(devices, part, this.lines, (block, draw) => {
      this.place(block, draw);
    });
  }

  sample(value: number, a = '', b = '', c = '', d = ''): void {
    if (this.count >= FEW_SAMPLES && (a !== this.device || this.count >= MOST_SAMPLES)) this.finishBlock();
    this.device = a;
    const index = this.count++;
    if (this.same) {
      if (this.current?.has(index, value, a, b, c, d) === true) return;
      this.current?.replay(this.changed, index);
      this.same = false;
    }
    this.changed.sample(value, a, b, c, d);
  }

  wide(value: number, labelValues: readonly string[]): void {
    this.lines.wide(value, labelValues);
  }

  finishFamily(): void {
    if (this.count > 0) this.finishBlock();
    this.known.length = this.next;
  }

  private beginBlock(): void {
    this.current = this.known[this.next];
    this.count = 0;
    this.same = this.current !== undefined;
    this.changed.clear();
  }

  private finishBlock(): void {
    const { current } = this;
    if (current === undefined || !this.same || this.count < current.count) this.writeChanged();
    else if (this.count < FEW_SAMPLES) current.replay(this.lines);
    else {
      this.place(current, () => {
        current.replay(this.lines);
      });
    }
    this.next++;
    this.beginBlock();
  }

  private writeChanged(): void {
    if (this.same) this.current?.replay(this.changed, this.count);
    this.changed.replay(this.lines);
    this.known[this.next] = this.changed;
    this.changed = this.current ?? new SampleBlock();
  }

  /** A block that is met unchanged: drawn the first time, and copied from then on. */
  private place(known: DrawnOnce, draw: () => void): void {
    const position = this.lines.beginApart();
    if (known.drawn === undefined) {
      draw();
      known.drawn = this.writer.take(position);
    } else {
      this.writer.bytes(known.drawn.bytes);
      this.lines.skip(known.count);
    }
    this.blocks.push({ position, block: known.drawn });
  }
}
