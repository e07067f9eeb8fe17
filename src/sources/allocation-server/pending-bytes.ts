const FIRST_BYTES = 4096;

/** Bytes that have come and that nobody has taken yet, copied into memory that is used again. */
export class PendingBytes {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Uint8Array): void {
    this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The next bytes, at most so many. They are good until more are appended. */
  take(most: number): Buffer {
    const taken = this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + most));
    this.#start += taken.length;
    return taken;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(bytes: number): void {
    if (this.length === 0) this.clear();
    if (this.#end + bytes <= this.#bytes.length) return;
    const rest = this.#bytes.subarray(this.#start, this.#end);
    const needed = rest.length + bytes;
    if (needed > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.set(rest);
    this.#end = rest.length;
    this.#start = 0;
  }
}
