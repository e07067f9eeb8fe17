/** What of a stream is used: those of the process write to a pipe without waiting for its reader. */
export interface OutputStream {
  readonly writableLength: number;
  write(text: string): boolean;
  on(event: 'error', listener: () => void): unknown;
}

/** Lines for somebody who may have stopped reading: beyond a bound they are dropped and counted. */
export class BoundedOutput {
  readonly #stream: OutputStream;
  readonly #maxBytes: number;
  #dropped = 0;

  constructor(stream: OutputStream, maxBytes = 1024 * 1024) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
    // Whoever read it may be gone: that must not end the program.
    stream.on('error', () => undefined);
  }

  /** Lines that were dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether there is room for some lines. */
  get hasRoom(): boolean {
    return this.#stream.writableLength < this.#maxBytes / 2;
  }

  /** Whether all lines have been taken. */
  get isEmpty(): boolean {
    return this.#stream.writableLength === 0;
  }

  /** A whole line with its newline. */
  write(line: string): void {
    if (this.#stream.writableLength > this.#maxBytes) this.#dropped++;
    else this.#stream.write(line);
  }
}
