import type { PageBlock } from '../../gzip/page-block.ts';
import type { SampleSink } from '../family.ts';

/** Samples that are all that is drawn of an object that nobody changes. */
interface BlockPart {
  readonly start: number;
  readonly end: number;
  readonly source: object;
  readonly label: string;
}

/**
 * Samples of one family, one behind the other, of up to four labels each. Members are `private` and not `#names` for the
 * compiler's sake, as in ByteWriter.
 */
export class SampleBlock implements Pick<SampleSink, 'sample'> {
  count = 0;
  /** The samples as they stand in a page; undefined where they were not drawn as a block. */
  drawn: PageBlock | undefined;
  private readonly values: number[] = [];
  private readonly a: string[] = [];
  private readonly b: string[] = [];
  private readonly c: string[] = [];
  private readonly d: string[] = [];
  /** In the order of their samples. */
  private readonly parts: BlockPart[] = [];

  // A parameter a label: an object for each of a page's samples would cost more than comparing them.
  has(index: number, value: number, a: string, b: string, c: string, d: string): boolean {
    return (
      index < this.count &&
      this.values[index] === value &&
      this.c[index] === c &&
      this.b[index] === b &&
      this.a[index] === a &&
      this.d[index] === d
    );
  }

  sample(value: number, a = '', b = '', c = '', d = ''): void {
    const at = this.count++;
    this.values[at] = value;
    this.a[at] = a;
    this.b[at] = b;
    this.c[at] = c;
    this.d[at] = d;
  }

  /** Notes that the samples from `start` to `end` are all that is drawn of `source` and `label`. */
  notePart(start: number, end: number, source: object, label: string): void {
    if (end <= start) return;
    let at = this.parts.length;
    while (at > 0 && (this.parts[at - 1]?.start ?? 0) >= start) at--;
    this.parts.splice(at, this.parts[at]?.start === start ? 1 : 0, { start, end, source, label });
  }

  /** How many samples from `start` on are all that is drawn of `source` and `label`; 0 where that is not known. */
  partAt(start: number, source: object, label: string): number {
    const part = this.parts.find((one) => one.start === start);
    return part?.source === source && part.label === label ? part.end - start : 0;
  }

  /** The first samples, and what is known of them. */
  copyTo(other: SampleBlock, count: number): void {
    this.replay(other, count);
    for (const { start, end, source, label } of this.parts) if (end <= count) other.notePart(start, end, source, label);
  }

  /** Gives the first samples to `sink`. */
  replay(sink: Pick<SampleSink, 'sample'>, count = this.count): void {
    const { values, a, b, c, d } = this;
    for (let at = 0; at < count; at++) sink.sample(values[at] ?? 0, a[at], b[at], c[at], d[at]);
  }

  clear(): void {
    this.count = 0;
    this.drawn = undefined;
    this.parts.length = 0;
  }
}
