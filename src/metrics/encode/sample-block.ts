import type { PageBlock } from '../../gzip/page-block.ts';
import type { SampleSink } from '../family.ts';

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

  /** Gives the first samples to `sink`. */
  replay(sink: Pick<SampleSink, 'sample'>, count = this.count): void {
    const { values, a, b, c, d } = this;
    for (let at = 0; at < count; at++) sink.sample(values[at] ?? 0, a[at], b[at], c[at], d[at]);
  }

  clear(): void {
    this.count = 0;
    this.drawn = undefined;
  }
}
