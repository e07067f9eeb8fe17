import type { PageFormat } from '../../reader/types.ts';
import type { SampleSink } from '../family.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { FamilyPlan } from './family-plan.ts';
import { fragment } from './fragment.ts';

const NO_LINE = -1;
const NOTHING = fragment('');
const NO_PLAN: FamilyPlan = { labels: 0, head: { text: NOTHING, openmetrics: NOTHING }, open: NOTHING, behind: [] };

/**
 * Writes sample lines. Samples of a family mostly differ from the one before in few labels only, so what is the same is
 * copied from the line before: the start of a line up to the first label that differs, and in a wide one every run of
 * labels that do not.
 */
export class LineWriter implements SampleSink {
  private readonly writer: ByteWriter;
  private format: PageFormat = 'text';
  private plan = NO_PLAN;
  private headWritten = false;
  /** Where the line before starts; NO_LINE where there is none to copy from. */
  private line = NO_LINE;
  /** The first labels' values in that line, and the offsets in it at which the labels after them begin. */
  private a = '';
  private b = '';
  private c = '';
  private afterA = 0;
  private afterB = 0;
  private afterC = 0;
  /** The same for a wide line: all values, and all positions (not offsets) at which they begin, and the end. */
  private readonly wideValues: string[] = [];
  private readonly wideStarts: number[] = [];
  samples = 0;

  constructor(writer: ByteWriter) {
    this.writer = writer;
  }

  start(format: PageFormat): void {
    this.format = format;
    this.samples = 0;
  }

  begin(plan: FamilyPlan): void {
    this.plan = plan;
    this.headWritten = false;
    this.line = NO_LINE;
  }

  /** Lets the next line be written without a look at those before it; gives its position. */
  beginApart(): number {
    this.writeHead();
    this.line = NO_LINE;
    return this.writer.position;
  }

  /** So many lines were written by somebody else. */
  skip(lines: number): void {
    this.samples += lines;
  }

  sample(value: number, a = '', b = '', c = '', d = ''): void {
    const writer = this.writer;
    const labels = this.plan.labels;
    const same = this.open(a, b, c, labels);
    if (same < 1 && labels > 0) {
      this.label(0, a);
      this.a = a;
      this.afterA = writer.position - this.line;
    }
    if (same < 2 && labels > 1) {
      this.label(1, b);
      this.b = b;
      this.afterB = writer.position - this.line;
    }
    if (same < 3 && labels > 2) {
      this.label(2, c);
      this.c = c;
      this.afterC = writer.position - this.line;
    }
    if (labels > 3) this.label(3, d);
    writer.valueLine(value);
    this.samples++;
  }

  /** Starts a line up to a label's value; gives how many labels are behind it already. */
  private open(a: string, b: string, c: string, labels: number): number {
    const writer = this.writer;
    const before = this.line;
    if (before === NO_LINE) {
      this.openAnew();
      return 0;
    }
    this.line = writer.position;
    if (labels < 2 || a !== this.a) {
      writer.repeat(before, this.plan.open.length);
      return 0;
    }
    if (labels < 3 || b !== this.b) {
      writer.repeat(before, this.afterA);
      return 1;
    }
    if (labels < 4 || c !== this.c) {
      writer.repeat(before, this.afterB);
      return 2;
    }
    writer.repeat(before, this.afterC);
    return 3;
  }

  private writeHead(): void {
    if (this.headWritten) return;
    this.writer.fragment(this.plan.head[this.format]);
    this.headWritten = true;
  }

  private openAnew(): void {
    this.writeHead();
    this.line = this.writer.position;
    this.writer.fragment(this.plan.open);
  }

  private label(index: number, value: string): void {
    const behind = this.plan.behind[index];
    if (behind === undefined) return;
    this.writer.labelValue(value);
    this.writer.fragment(behind);
  }

  wide(value: number, labelValues: readonly string[]): void {
    const writer = this.writer;
    const first = this.line === NO_LINE;
    this.openAnew();
    const labels = this.plan.labels;
    let at = 0;
    while (at < labels) {
      const until = first ? at : this.sameUntil(labelValues, at);
      if (until > at) this.repeatWide(at, until);
      at = until;
      if (at === labels) break;
      this.writeWide(at, labelValues[at] ?? '');
      at++;
    }
    this.wideStarts[labels] = writer.position;
    writer.valueLine(value);
    this.samples++;
  }

  private sameUntil(labelValues: readonly string[], from: number): number {
    let at = from;
    while (at < this.plan.labels && labelValues[at] === this.wideValues[at]) at++;
    return at;
  }

  private repeatWide(from: number, until: number): void {
    const starts = this.wideStarts;
    const begin = starts[from] ?? 0;
    const moved = this.writer.position - begin;
    this.writer.repeat(begin, (starts[until] ?? 0) - begin);
    for (let at = from; at < until; at++) starts[at] = (starts[at] ?? 0) + moved;
  }

  private writeWide(at: number, value: string): void {
    this.wideStarts[at] = this.writer.position;
    this.wideValues[at] = value;
    this.label(at, value);
  }
}
