const NOTHING = Buffer.alloc(0);

/**
 * Splits a byte stream into frames of one known size, however the stream is cut. It holds less than one frame
 * between calls.
 */
export class FrameSplitter {
  readonly #rest: Buffer;
  #held = 0;

  constructor(frameBytes: number) {
    if (!Number.isInteger(frameBytes) || frameBytes < 1)
      throw new RangeError(`a frame cannot have ${frameBytes} bytes`);
    this.#rest = Buffer.alloc(frameBytes);
  }

  /** Bytes of a frame that is not whole yet. */
  get pending(): number {
    return this.#held;
  }

  /** The frames that are whole now. They are views of `chunk` where they lie in it, so use them before it is reused. */
  push(chunk: Buffer): Buffer[] {
    const size = this.#rest.length;
    const frames: Buffer[] = [];
    let offset = 0;
    if (this.#held > 0) {
      offset = this.#hold(chunk);
      if (this.#held < size) return frames;
      frames.push(Buffer.from(this.#rest));
      this.#held = 0;
    }
    for (; chunk.length - offset >= size; offset += size) frames.push(chunk.subarray(offset, offset + size));
    this.#hold(offset === chunk.length ? NOTHING : chunk.subarray(offset));
    return frames;
  }

  #hold(bytes: Buffer): number {
    const copied = bytes.copy(this.#rest, this.#held);
    this.#held += copied;
    return copied;
  }
}
