/** One series' samples for a remote write: https://prometheus.io/docs/concepts/remote_write_spec/ */
export interface WriteSeries {
  /** In order of name. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** ms since the epoch, rising. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** What Prometheus keeps where a series ends: a NaN with these bits. (prometheus: model/value) */
const STALE_BITS = 0x7ff0000000000002n;

const SAMPLE_BYTES = 32;

/**
 * The body of a remote write: protobuf WriteRequest in snappy's block format, as literals alone. NaN stands for the
 * marker of a series that ends.
 */
export function encodeWriteRequest(series: readonly WriteSeries[]): Buffer {
  const message = new Message(series.reduce((sum, one) => sum + 512 + one.times.length * SAMPLE_BYTES, 0));
  for (const one of series) message.series(one);
  return asLiteral(message.bytes());
}

/** Protobuf, written from front to back. */
class Message {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, capacity);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** TimeSeries is field 1 of the request. */
  series({ labels, times, values }: WriteSeries): void {
    const labelBytes = Buffer.concat(labels.map(encodeLabel));
    const sampleBytes = times.reduce((sum, time) => sum + 12 + varintLength(time), 0);
    this.#byte(0x0a);
    this.#varint(labelBytes.length + sampleBytes);
    this.#at += labelBytes.copy(this.#buffer, this.#at);
    for (let i = 0; i < times.length; i++) this.#sample(times[i] ?? 0, values[i] ?? 0);
  }

  /** Sample is field 2 of the series: its value is field 1, its time field 2. */
  #sample(time: number, value: number): void {
    this.#byte(0x12);
    this.#byte(10 + varintLength(time));
    this.#byte(0x09);
    if (Number.isNaN(value)) this.#view.setBigUint64(this.#at, STALE_BITS, true);
    else this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
    this.#byte(0x10);
    this.#varint(time);
  }

  #byte(value: number): void {
    this.#buffer[this.#at++] = value;
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 0x80);
    this.#byte(rest);
  }
}

function encodeLabel([name, value]: readonly [string, string]): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const fields = Buffer.concat([
    Buffer.from([0x0a, ...varint(nameBytes.length)]),
    nameBytes,
    Buffer.from([0x12, ...varint(valueBytes.length)]),
    valueBytes,
  ]);
  return Buffer.concat([Buffer.from([0x0a, ...varint(fields.length)]), fields]);
}

/** Uncompressed length, then one literal with a length of four bytes. (google/snappy: format_description.txt) */
function asLiteral(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = 0xfc;
  head.writeUInt32LE(bytes.length - 1, 1);
  return Buffer.concat([Buffer.from(varint(bytes.length)), head, bytes]);
}

function varint(value: number): number[] {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function varintLength(value: number): number {
  let length = 1;
  for (let limit = 0x80; value >= limit; limit *= 128) length++;
  return length;
}
