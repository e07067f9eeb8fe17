const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What JSON calls white space. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Finds where a JSON value ends and how deep it goes, however its bytes are cut. Whether it is a right one is for JSON.parse to say. */
export class ValueScanner {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #ended = false;
  #deepest = 0;

  /** How many lists and objects the innermost value lies in, as far as it has come. */
  get deepest(): number {
    return this.#deepest;
  }

  /** Whether the last scan() has come to the end of the value. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Begins a value. */
  begin(): void {
    this.#depth = 0;
    this.#deepest = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#ended = false;
  }

  /** Where the value ends, behind its last byte, or where the bytes end. `from`: its first byte, or its next ones. */
  scan(bytes: Uint8Array, from: number): number {
    let at = this.#inString ? this.#passString(bytes, from) : from;
    if (this.#inString) return at;
    let depth = this.#depth;
    this.#ended = at > from && depth === 0;
    while (!this.#ended && at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        at = this.#passString(bytes, at + 1);
        this.#ended = depth === 0 && !this.#inString;
        continue;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (++depth > this.#deepest) this.#deepest = depth;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#ended = depth <= 1;
        // The end of what the value is in is no part of it.
        if (depth-- === 0) break;
      } else if (depth === 0 && (byte === COMMA || isSpace(byte))) {
        this.#ended = true;
        break;
      }
      at++;
    }
    this.#depth = depth;
    return at;
  }

  /** Behind the quote that ends the string, or where the bytes end: then it goes on. */
  #passString(bytes: Uint8Array, from: number): number {
    let escaped = this.#escaped;
    let at = from;
    this.#inString = true;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        at++;
        break;
      }
    }
    this.#escaped = escaped;
    return at;
  }
}
