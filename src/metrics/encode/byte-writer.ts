import type { PageBlock } from '../../gzip/page-block.ts';
import { FOUR_DIGITS, formatNumber } from './decimal.ts';
import { escapeLabelValue } from './escape.ts';
import type { Fragment } from './fragment.ts';

const SMALLEST_BYTES = 64 * 1024;
const SMALLEST_COPIES = 3 * 1024;
/** Words are written whole, so up to 7 bytes beyond the end may be touched; a number and a line feed fit in the rest. */
const SLACK = 64;
/** Pages in a row that leave most of the buffer unused before it shrinks. */
const IDLE_PAGES = 64;

/**
 * Appends to one buffer that grows and is kept from page to page: a page costs no allocation. Everything hot is plain
 * stores in JavaScript: a call into the runtime (Buffer.write, copyWithin) costs as much as a whole short line. Members
 * are `private` and not `#names`, which take more bytecode, and with it the room that the compiler has for inlining: a
 * tenth of a page's time.
 */
export class ByteWriter {
  private buffer: Uint8Array;
  private view: DataView;
  private limit: number;
  private end = 0;
  private idlePages = 0;
  /** The largest of the idle pages. */
  private idleBytes = 0;
  private copied = new Int32Array(SMALLEST_COPIES);
  private copiedEnd = 0;

  constructor() {
    this.buffer = Buffer.allocUnsafeSlow(SMALLEST_BYTES);
    this.view = new DataView(this.buffer.buffer);
    this.limit = SMALLEST_BYTES - SLACK;
  }

  /** Bytes written since the start. */
  get position(): number {
    return this.end;
  }

  get capacity(): number {
    return this.buffer.length;
  }

  /** What `repeat` wrote since the start: position, origin and length of each. A view that is good until the next `start`. */
  get copies(): Int32Array {
    return this.copied.subarray(0, this.copiedEnd);
  }

  /** Begins anew; what `finish` gave is overwritten from here on. */
  start(): void {
    if (this.idlePages >= IDLE_PAGES) {
      this.resize(Math.max(SMALLEST_BYTES, 2 * this.idleBytes), 0);
      this.copied = new Int32Array(SMALLEST_COPIES);
    }
    this.end = 0;
    this.copiedEnd = 0;
  }

  /** What was written: a view into the buffer, valid until the next `start`. */
  finish(): Uint8Array {
    const used = this.end;
    if (this.buffer.length > SMALLEST_BYTES && used < this.buffer.length / 4) {
      this.idleBytes = Math.max(this.idlePages === 0 ? 0 : this.idleBytes, used);
      this.idlePages++;
    } else {
      this.idlePages = 0;
    }
    return this.buffer.subarray(0, used);
  }

  fragment(part: Fragment): void {
    const at = this.room(part.length);
    const words = part.words;
    const view = this.view;
    for (let index = 0; index < words.length; index++) view.setUint32(at + index * 4, words[index] ?? 0, true);
    this.end = at + part.length;
  }

  /** Appends `length` bytes that were written before, from `from` on. */
  repeat(from: number, length: number): void {
    const at = this.room(length);
    const view = this.view;
    for (let offset = 0; offset < length; offset += 4) {
      view.setUint32(at + offset, view.getUint32(from + offset, true), true);
    }
    this.end = at + length;
    this.noteCopy(at, from, length);
  }

  private noteCopy(at: number, from: number, length: number): void {
    const end = this.copiedEnd;
    if (end + 3 > this.copied.length) {
      const copied = new Int32Array(2 * this.copied.length);
      copied.set(this.copied);
      this.copied = copied;
    }
    this.copied[end] = at;
    this.copied[end + 1] = from;
    this.copied[end + 2] = length;
    this.copiedEnd = end + 3;
  }

  /** A copy of what was written from `position` on, with the copies in it, which `copies` then has no more. */
  take(position: number): PageBlock {
    let first = this.copiedEnd;
    while (first > 0 && (this.copied[first - 3] ?? 0) >= position) first -= 3;
    const copies = this.copied.slice(first, this.copiedEnd);
    for (let at = 0; at < copies.length; at += 3) {
      copies[at] = (copies[at] ?? 0) - position;
      copies[at + 1] = (copies[at + 1] ?? 0) - position;
    }
    this.copiedEnd = first;
    return { bytes: new Uint8Array(this.buffer.subarray(position, this.end)), copies };
  }

  bytes(part: Uint8Array): void {
    const at = this.room(part.length);
    this.buffer.set(part, at);
    this.end = at + part.length;
  }

  /** A label value, escaped; lone surrogates become U+FFFD. */
  labelValue(value: string): void {
    const length = value.length;
    const at = this.room(length);
    const bytes = this.buffer;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80 || code === 0x22 || code === 0x5c || code === 0x0a) {
        this.text(escapeLabelValue(value));
        return;
      }
      bytes[at + index] = code;
    }
    this.end = at + length;
  }

  /** Any text as UTF-8, as it is but for lone surrogates. */
  text(text: string): void {
    this.bytes(Buffer.from(text, 'utf8'));
  }

  /** A sample's value and the end of its line. Integers up to 2^53 are exact. */
  valueLine(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value) this.integer(value);
    else this.labelValue(formatNumber(value));
    this.buffer[this.end++] = 0x0a;
  }

  /** Up to 16 digits, in groups of four; no `%`, which is a call for numbers beyond 32 bits. */
  private integer(value: number): void {
    let at = this.room(16);
    if (value >= 1e8) {
      const high = Math.floor(value / 1e8);
      const low = value - high * 1e8;
      const middle = (low / 1e4) | 0;
      at = this.fourOf(this.leadingEight(at, high), middle);
      at = this.fourOf(at, low - middle * 1e4);
    } else {
      at = this.leadingEight(at, value);
    }
    this.end = at;
  }

  private leadingEight(at: number, value: number): number {
    if (value < 1e4) return this.leadingFour(at, value);
    const high = (value / 1e4) | 0;
    return this.fourOf(this.leadingFour(at, high), value - high * 1e4);
  }

  private leadingFour(at: number, value: number): number {
    const digits = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : 4;
    this.view.setUint32(at, (FOUR_DIGITS[value] ?? 0) >>> ((4 - digits) * 8), true);
    return at + digits;
  }

  private fourOf(at: number, value: number): number {
    this.view.setUint32(at, FOUR_DIGITS[value] ?? 0, true);
    return at + 4;
  }

  /** Makes sure that `length` more bytes fit; gives the position to write them at. */
  private room(length: number): number {
    if (this.end + length > this.limit) {
      this.resize(Math.max(2 * this.buffer.length, this.end + length + SLACK), this.end);
    }
    return this.end;
  }

  private resize(size: number, kept: number): void {
    const bytes = Buffer.allocUnsafeSlow(size);
    bytes.set(this.buffer.subarray(0, kept));
    this.buffer = bytes;
    this.view = new DataView(bytes.buffer);
    this.limit = size - SLACK;
    this.idlePages = 0;
  }
}
