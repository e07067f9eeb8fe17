import { isUtf8 } from 'node:buffer';
import { DocumentError } from './json-fields.ts';

const FIRST_BYTES = 4096;
const SHORT_BYTES = 64;

/** A JSON text that is put together of parts, in memory that is used again. Its methods throw DocumentError. */
export class PieceText {
  readonly #most: number;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  #path = '';

  /** `most`: bytes that it may have. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Empties it. `path`: what is to be in it, for errors. */
  begin(path: string): void {
    this.#length = 0;
    this.#path = path;
  }

  appendByte(byte: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length++] = byte;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    this.#makeRoom(to - from);
    // Most parts are short: to make a view of them would take longer than to copy them.
    if (to - from > SHORT_BYTES) this.#bytes.set(bytes.subarray(from, to), this.#length);
    else for (let at = from, target = this.#length; at < to; at++) this.#bytes[target++] = bytes[at] ?? 0;
    this.#length += to - from;
  }

  /** Appends what another one has. */
  appendAll(other: PieceText): void {
    this.append(other.#bytes, 0, other.#length);
  }

  /** What JSON.parse makes of it, with `end` behind it. */
  parse(end = ''): unknown {
    const bytes = this.#bytes.subarray(0, this.#length);
    try {
      if (!isUtf8(bytes)) throw new TypeError('the bytes are no UTF-8');
      return JSON.parse(bytes.toString() + end);
    } catch (error) {
      throw new DocumentError(this.#path, 'is no JSON in UTF-8', { cause: error });
    }
  }

  /** The string that it is, in its quotes; one with letters that are not ASCII is some other one. */
  parseName(): string {
    const text = this.#bytes.toString('latin1', 0, this.#length);
    return text.includes('\\') ? String(this.parse()) : text.slice(1, -1);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    if (needed > this.#most) throw new DocumentError(this.#path, `has more than ${this.#most} bytes by itself`);
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#most, Math.max(needed, 2 * this.#bytes.length)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
