import { huffmanCode } from './huffman.ts';
import {
  DISTANCE_BASE,
  DISTANCE_EXTRA_BITS,
  DISTANCE_SYMBOL,
  DISTANCE_SYMBOLS,
  END_OF_BLOCK,
  FIRST_LENGTH_SYMBOL,
  LENGTH_BASE,
  LENGTH_EXTRA_BITS,
  LENGTH_INDEX,
  LITERAL_SYMBOLS,
  MAX_MATCH,
  MIN_MATCH,
} from './symbols.ts';

// Up to 7 bits wait for their byte to be full: with these limits no symbol and its extra bits go beyond 31 with them.
const LITERAL_BITS = 12;
const DISTANCE_BITS = 11;
/** RFC 1952: magic, deflate, no flags, no time, fastest, Unix. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3];
const FINAL_BLOCK_WITH_CODES = 0b101;
/** The order in which a block has the lengths of the code of its code lengths (RFC 1951, 3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_LENGTH_BITS = 7;
/** Beside the symbols: headers, the trailer and what is written beyond the end. */
const ROOM = 1024;
/** A table's entry is a code above the number of its bits. */
const CODE_SHIFT = 5;
const COUNT_MASK = 31;

/** A piece of such a file: `count` bits, the first one in the lowest place of the first byte. */
export interface Bits {
  readonly bytes: DataView;
  readonly count: number;
}

/**
 * Writes a gzip file of one block, symbol by symbol, with codes that are known before the first one: made of the symbols
 * that were counted in an earlier file. Members are `private` and not `#names` for the compiler's sake, as in ByteWriter.
 */
export class SymbolWriter {
  private bytes = new Uint8Array(0);
  private view = new DataView(this.bytes.buffer);
  private at = 0;
  private bits = 0;
  private bitCount = 0;
  private counting = false;
  private readonly literalCounts = new Uint32Array(LITERAL_SYMBOLS);
  private readonly distanceCounts = new Uint32Array(DISTANCE_SYMBOLS);
  private readonly literalEntries = new Uint32Array(LITERAL_SYMBOLS);
  /** By length, extra bits included. */
  private readonly lengthEntries = new Uint32Array(MAX_MATCH + 1);
  private readonly distanceEntries = new Uint32Array(DISTANCE_SYMBOLS);
  /** How every file with these codes begins, and the bits that wait then. */
  private head = new Uint8Array(0);
  private headBits = 0;
  private headBitCount = 0;

  constructor() {
    this.useCounts();
  }

  /** Begins a file about `length` bytes. `counting`: its symbols are for the next `useCounts`. */
  start(length: number, counting: boolean): void {
    // The worst is a match of three bytes in 41 bits.
    this.reserve(2 * length + ROOM);
    this.bytes.set(this.head);
    this.at = this.head.length;
    this.bits = this.headBits;
    this.bitCount = this.headBitCount;
    this.counting = counting;
  }

  literals(source: Uint8Array, from: number, to: number): void {
    if (this.counting) this.countLiterals(source, from, to);
    const { view, literalEntries } = this;
    let { at, bits, bitCount } = this;
    for (let index = from; index < to; index++) {
      const entry = literalEntries[source[index] ?? 0] ?? 0;
      bits |= (entry >>> CODE_SHIFT) << bitCount;
      bitCount += entry & COUNT_MASK;
      view.setUint32(at, bits, true);
      at += bitCount >>> 3;
      bits >>>= bitCount & 24;
      bitCount &= 7;
    }
    this.at = at;
    this.bits = bits;
    this.bitCount = bitCount;
  }

  /** `length` bytes as they were `distance` bytes before; any length from 3 on. */
  match(length: number, distance: number): void {
    let rest = length;
    while (rest > MAX_MATCH) {
      const part = rest - MAX_MATCH < MIN_MATCH ? MAX_MATCH - MIN_MATCH : MAX_MATCH;
      this.pair(part, distance);
      rest -= part;
    }
    this.pair(rest, distance);
  }

  /** Where the next symbol will begin, in bits from the start. */
  mark(): number {
    return 8 * this.at + this.bitCount;
  }

  /** What was written since `mark` gave `start`; it stays as it is. */
  since(start: number): Bits {
    const { view } = this;
    const count = this.mark() - start;
    const bytes = new Uint8Array(4 * Math.ceil(count / 32));
    const words = new DataView(bytes.buffer);
    const shift = start & 7;
    for (let index = 0; index < bytes.length; index += 4) {
      const from = (start >>> 3) + index;
      const next = shift === 0 ? 0 : view.getUint8(from + 4) << (32 - shift);
      words.setUint32(index, (view.getUint32(from, true) >>> shift) | next, true);
    }
    return { bytes: words, count };
  }

  append({ bytes, count }: Bits): void {
    const { view, bitCount } = this;
    let { at, bits } = this;
    const whole = count - (count % 24);
    for (let done = 0; done < whole; done += 24) {
      const from = done >>> 3;
      bits |= (bytes.getUint16(from, true) | (bytes.getUint8(from + 2) << 16)) << bitCount;
      view.setUint32(at, bits, true);
      at += 3;
      bits >>>= 24;
    }
    this.at = at;
    this.bits = bits;
    for (let done = whole; done < count; done += 8) {
      const width = Math.min(8, count - done);
      this.put(bytes.getUint8(done >>> 3) & ((1 << width) - 1), width);
    }
  }

  /** The whole file; a view that is good until the next `start`. */
  finish(crc: number, length: number): Uint8Array {
    this.entry(this.literalEntries[END_OF_BLOCK] ?? 0);
    const end = this.at + (this.bitCount > 0 ? 1 : 0);
    this.view.setUint32(end, crc, true);
    this.view.setUint32(end + 4, length, true);
    return this.bytes.subarray(0, end + 8);
  }

  /** Makes the codes of the next files from the symbols that were counted, and begins to count anew. */
  useCounts(): void {
    // Every symbol has a code, also one that did not occur.
    const literals = huffmanCode(
      this.literalCounts.map((count) => count + 1),
      LITERAL_BITS,
    );
    const distances = huffmanCode(
      this.distanceCounts.map((count) => count + 1),
      DISTANCE_BITS,
    );
    fillEntries(this.literalEntries, literals);
    fillEntries(this.distanceEntries, distances);
    for (let length = MIN_MATCH; length <= MAX_MATCH; length++) {
      this.lengthEntries[length] = lengthEntry(length, this.literalEntries);
    }
    this.literalCounts.fill(0);
    this.distanceCounts.fill(0);
    this.makeHead([...literals.lengths, ...distances.lengths]);
  }

  private pair(length: number, distance: number): void {
    const symbol = DISTANCE_SYMBOL[distance <= 256 ? distance - 1 : 256 + ((distance - 1) >> 7)] ?? 0;
    if (this.counting) this.countPair(length, symbol);
    this.entry(this.lengthEntries[length] ?? 0);
    const entry = this.distanceEntries[symbol] ?? 0;
    const extra = distance - (DISTANCE_BASE[symbol] ?? 0);
    const codeBits = entry & COUNT_MASK;
    this.put((entry >>> CODE_SHIFT) | (extra << codeBits), codeBits + (DISTANCE_EXTRA_BITS[symbol] ?? 0));
  }

  private entry(entry: number): void {
    this.put(entry >>> CODE_SHIFT, entry & COUNT_MASK);
  }

  /** Up to 24 bits. */
  private put(value: number, count: number): void {
    const bits = this.bits | (value << this.bitCount);
    const bitCount = this.bitCount + count;
    this.view.setUint32(this.at, bits, true);
    this.at += bitCount >>> 3;
    this.bits = bits >>> (bitCount & 24);
    this.bitCount = bitCount & 7;
  }

  private countLiterals(source: Uint8Array, from: number, to: number): void {
    for (let index = from; index < to; index++) count(this.literalCounts, source[index] ?? 0);
  }

  private countPair(length: number, distanceSymbol: number): void {
    count(this.literalCounts, FIRST_LENGTH_SYMBOL + (LENGTH_INDEX[length] ?? 0));
    count(this.distanceCounts, distanceSymbol);
  }

  private reserve(size: number): void {
    if (this.bytes.length >= size) return;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  private makeHead(lengths: readonly number[]): void {
    this.reserve(ROOM);
    this.bytes.set(GZIP_HEADER);
    this.at = GZIP_HEADER.length;
    this.bits = 0;
    this.bitCount = 0;
    this.put(FINAL_BLOCK_WITH_CODES, 3);
    this.put(LITERAL_SYMBOLS - FIRST_LENGTH_SYMBOL, 5);
    this.put(DISTANCE_SYMBOLS - 1, 5);
    this.put(LENGTH_ORDER.length - 4, 4);
    const counts = new Uint32Array(LENGTH_ORDER.length);
    for (const length of lengths) count(counts, length);
    const code = huffmanCode(counts, MAX_LENGTH_BITS);
    for (const symbol of LENGTH_ORDER) this.put(code.lengths[symbol] ?? 0, 3);
    for (const length of lengths) this.put(code.codes[length] ?? 0, code.lengths[length] ?? 0);
    this.head = this.bytes.slice(0, this.at);
    this.headBits = this.bits;
    this.headBitCount = this.bitCount;
  }
}

function count(counts: Uint32Array, symbol: number): void {
  counts[symbol] = (counts[symbol] ?? 0) + 1;
}

function fillEntries(
  entries: Uint32Array,
  { codes, lengths }: { readonly codes: Uint16Array; readonly lengths: Uint8Array },
): void {
  for (const [symbol, bits] of lengths.entries()) entries[symbol] = ((codes[symbol] ?? 0) << CODE_SHIFT) | bits;
}

function lengthEntry(length: number, literalEntries: Uint32Array): number {
  const index = LENGTH_INDEX[length] ?? 0;
  const entry = literalEntries[FIRST_LENGTH_SYMBOL + index] ?? 0;
  const codeBits = entry & COUNT_MASK;
  const code = (entry >>> CODE_SHIFT) | ((length - (LENGTH_BASE[index] ?? 0)) << codeBits);
  return (code << CODE_SHIFT) | (codeBits + (LENGTH_EXTRA_BITS[index] ?? 0));
}
