/** Takes an input apart: numbers that steer a run from its front, the rest as it is. */
export class ByteSource {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** 0 where nothing is left. */
  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}

/** The bytes in pieces, whose lengths go by a number: 0: whole; 1: byte by byte; else about so long, uneven. */
export function pieces(bytes: Buffer, cut: number): Buffer[] {
  if (cut === 0) return [bytes];
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = cut === 1 ? 1 : 1 + ((cut * (turn + 7) * 2654435761) % (2 * cut));
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return parts;
}
