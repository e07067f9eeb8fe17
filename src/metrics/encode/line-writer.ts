import type { PageFormat } from '../../reader/types.ts';
import type { SampleSink } from '../family.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { FamilyPlan } from './family-plan.ts';
import { fragment } from './fragment.ts';

const NO_LINE = -1;
const NOTHING = fragment('');
const NO_PLAN: FamilyPlan = { labels: 0, head: { text: NOTHING, openmetrics: NOTHING }, open: NOTHING, behind: [] };

/**
 * Writes sample lines. Samples of a family mostly differ from the one before in their last labels only, so a line
 * starts as a copy of the line before, up to the first label that differs.
 */
export class LineWriter implements SampleSink {
  readonly #writer: ByteWriter;
  #format: PageFormat = 'text';
  #plan = NO_PLAN;
  #headWritten = false;
  /** Where the line before starts; NO_LINE where there is none to copy from. */
  #line = NO_LINE;
  /** Offsets in that line at which each label's value starts. */
  readonly #starts = [0, 0, 0, 0, 0];
  #a = '';
  #b = '';
  #c = '';
  samples = 0;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  start(format: PageFormat): void {
    this.#format = format;
    this.samples = 0;
  }

  begin(plan: FamilyPlan): void {
    this.#plan = plan;
    this.#headWritten = false;
    this.#line = NO_LINE;
  }

  sample(value: number, a = '', b = '', c = '', d = ''): void {
    const labels = this.#plan.labels;
    const same = this.#open(a, b, c, labels);
    if (same < 1 && labels > 0) this.#label(0, a);
    if (same < 2 && labels > 1) this.#label(1, b);
    if (same < 3 && labels > 2) this.#label(2, c);
    if (labels > 3) this.#label(3, d);
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#writer.valueLine(value);
    this.samples++;
  }

  wide(value: number, labelValues: readonly string[]): void {
    this.#openAnew();
    for (let index = 0; index < this.#plan.labels; index++) this.#label(index, labelValues[index] ?? '');
    this.#line = NO_LINE;
    this.#writer.valueLine(value);
    this.samples++;
  }

  /** Starts a line up to a label's value; gives how many labels are behind it already. */
  #open(a: string, b: string, c: string, labels: number): number {
    if (this.#line === NO_LINE) {
      this.#openAnew();
      return 0;
    }
    let same = 0;
    if (labels > 1 && a === this.#a) {
      same = 1;
      if (labels > 2 && b === this.#b) same = labels > 3 && c === this.#c ? 3 : 2;
    }
    const before = this.#line;
    this.#line = this.#writer.position;
    this.#writer.repeat(before, this.#starts[same] ?? 0);
    return same;
  }

  #openAnew(): void {
    if (!this.#headWritten) {
      this.#writer.fragment(this.#plan.head[this.#format]);
      this.#headWritten = true;
    }
    this.#line = this.#writer.position;
    this.#writer.fragment(this.#plan.open);
    this.#starts[0] = this.#plan.open.length;
  }

  #label(index: number, value: string): void {
    const behind = this.#plan.behind[index];
    if (behind === undefined) return;
    this.#writer.labelValue(value);
    this.#writer.fragment(behind);
    this.#starts[index + 1] = this.#writer.position - this.#line;
  }
}
