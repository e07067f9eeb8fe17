/** Bytes ended before the value did. `offset` is where the value starts, in the cursor's own bytes. */
export class OutOfBoundsError extends Error {
  override readonly name = 'OutOfBoundsError';
  readonly offset: number;

  constructor(offset: number, wanted: number, length: number) {
    super(`wanted ${wanted} bytes at offset ${offset}, but there are ${length} in all`);
    this.offset = offset;
  }
}

/**
 * Reads little-endian values one after another. Every read is checked against the end first and throws
 * OutOfBoundsError, so the position never leaves the bytes.
 */
export class Cursor {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset = 0) {
    if (!Number.isInteger(offset) || offset < 0 || offset > bytes.length) {
      throw new OutOfBoundsError(offset, 0, bytes.length);
    }
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  i32(): number {
    return this.#bytes.readInt32LE(this.#take(4));
  }

  /** A u64 that a number holds exactly; undefined from 2^53 on. */
  u64(): number | undefined {
    const at = this.#take(8);
    const high = this.#bytes.readUInt32LE(at + 4);
    if (high >= 0x20_0000) return undefined;
    return high * 0x1_0000_0000 + this.#bytes.readUInt32LE(at);
  }

  bigU64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  /** A field of fixed width up to its first NUL, as UTF-8; bytes that are not UTF-8 become U+FFFD. */
  text(bytes: number): string {
    const start = this.#take(bytes);
    const field = this.#bytes.subarray(start, this.#offset);
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end === -1 ? field.length : end);
  }

  #take(bytes: number): number {
    const start = this.#offset;
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > this.#bytes.length - start) {
      throw new OutOfBoundsError(start, bytes, this.#bytes.length);
    }
    this.#offset = start + bytes;
    return start;
  }
}
