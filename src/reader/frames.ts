/**
 * A frame of the reader's protocol: u32 length of the head, u32 length of the body (little-endian), the head as JSON in
 * UTF-8, the body as it is.
 */
export interface Frame {
  readonly head: unknown;
  readonly body: Uint8Array;
}

/** Bytes that are not the reader's protocol, or too many. The connection cannot be used any further. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export const MAX_HEAD_BYTES = 64 * 1024;
/** A page of 100,000 series is about 12 MB. */
export const MAX_PAGE_BYTES = 64 * 1024 * 1024;
/** The exporter's own families are about 10 KB. */
export const MAX_OWN_BYTES = 1024 * 1024;

const PREFIX_BYTES = 8;
const NO_BODY = new Uint8Array(0);

/** The bytes of a frame up to its body, which is sent behind them. */
export function encodeFrameHead(head: object, bodyLength = 0): Uint8Array {
  const json = Buffer.from(JSON.stringify(head), 'utf8');
  if (json.length > MAX_HEAD_BYTES) throw new ProtocolError(`a head of ${json.length} bytes cannot be sent`);
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + json.length);
  bytes.writeUInt32LE(json.length, 0);
  bytes.writeUInt32LE(bodyLength, 4);
  bytes.set(json, PREFIX_BYTES);
  return bytes;
}

/** Puts frames together from the pieces of a stream. It holds no more than what has arrived of one frame. */
export class FrameDecoder {
  readonly #maxBodyBytes: number;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #lengths: { readonly head: number; readonly body: number } | undefined;

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** The frames that are complete with this piece. Throws ProtocolError. */
  push(chunk: Uint8Array): Frame[] {
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      this.#lengths ??= this.#readLengths();
      if (this.#lengths === undefined) return frames;
      const { head, body } = this.#lengths;
      if (this.#buffered < head + body) return frames;
      this.#lengths = undefined;
      frames.push({ head: parseHead(this.#take(head)), body: body === 0 ? NO_BODY : this.#take(body) });
    }
  }

  #readLengths(): { readonly head: number; readonly body: number } | undefined {
    if (this.#buffered < PREFIX_BYTES) return undefined;
    const prefix = this.#take(PREFIX_BYTES);
    const lengths = { head: prefix.readUInt32LE(0), body: prefix.readUInt32LE(4) };
    if (lengths.head === 0 || lengths.head > MAX_HEAD_BYTES || lengths.body > this.#maxBodyBytes) {
      throw new ProtocolError(`not the protocol of the reader, or too much: ${lengths.head} and ${lengths.body} bytes`);
    }
    return lengths;
  }

  #take(length: number): Buffer {
    const all =
      this.#chunks.length === 1 && this.#chunks[0] !== undefined
        ? asBuffer(this.#chunks[0])
        : Buffer.concat(this.#chunks);
    this.#buffered = all.length - length;
    this.#chunks = this.#buffered === 0 ? [] : [all.subarray(length)];
    return all.subarray(0, length);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseHead(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ProtocolError('the head of a frame is not JSON', { cause });
  }
}
