/** Whole numbers at which programs change their mind. */
const EDGES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  9n,
  15n,
  16n,
  31n,
  63n,
  64n,
  72n,
  112n,
  127n,
  128n,
  144n,
  255n,
  256n,
  999n,
  4096n,
  32767n,
  65535n,
  65536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 40n,
  2n ** 47n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
/** As text, where there is a number in it. */
const TEXT_EDGES = [...EDGES.map(String), '-1', '1e999', '-0', '0.1', '1e-7', '18446744073709551616', 'NaN', ''];
/** Bytes that are hard on labels. */
const HARD = ['"', '\\', '\n', '\r', '\t', '\0', '\u2028', '\u202e', '😀', '{}', '\\n', '\\"', '=', ','].map((text) =>
  Buffer.from(text),
);
const INVALID_UTF8 = ['ff', 'c0af', 'eda080', 'f4908080', '80', 'e282'].map((hex) => Buffer.from(hex, 'hex'));

export interface Mutations {
  readonly random: () => number;
  readonly tokens: readonly Buffer[];
  readonly maxBytes: number;
  /** Another input, for parts of it. */
  readonly other: () => Buffer;
}

type Mutation = (input: Buffer, tools: Mutations) => Buffer;

/** The input with one to eight changes. */
export function mutate(input: Buffer, tools: Mutations): Buffer {
  let bytes: Buffer = Buffer.from(input);
  const changes = 2 ** below(tools.random, 4);
  for (let change = 0; change < changes; change++) bytes = pick(MUTATIONS, tools.random)(bytes, tools);
  return bytes.subarray(0, tools.maxBytes);
}

const MUTATIONS: readonly Mutation[] = [
  (input, { random }) => {
    const at = below(random, input.length);
    return replaced(input, at, 1, Buffer.of((input[at] ?? 0) ^ (1 << below(random, 8))));
  },
  (input, { random }) => replaced(input, below(random, input.length), 1, Buffer.of(below(random, 256))),
  // A number of 1, 2, 4 or 8 bytes, at a multiple of its size more often than not.
  (input, { random }) => {
    const size = 2 ** below(random, 4);
    const at = below(random, input.length);
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(pick(EDGES, random));
    return replaced(input, random() < 0.8 ? at - (at % size) : at, size, field.subarray(0, size));
  },
  // Decimal digits.
  (input, { random }) => {
    const numbers = [...input.toString('latin1').matchAll(/\d+/g)];
    const found = numbers[below(random, numbers.length)];
    return found === undefined
      ? input
      : replaced(input, found.index, found[0].length, Buffer.from(pick(TEXT_EDGES, random)));
  },
  (input, { random, tokens }) => replaced(input, below(random, input.length + 1), 0, pick(tokens, random)),
  (input, { random, tokens }) => {
    const token = pick(tokens, random);
    return replaced(input, below(random, input.length), token.length, token);
  },
  (input, { random }) => replaced(input, below(random, input.length + 1), 0, pick(HARD, random)),
  (input, { random }) => replaced(input, below(random, input.length), 1, pick(INVALID_UTF8, random)),
  (input, { random }) => replaced(input, below(random, input.length), span(input, random), Buffer.alloc(0)),
  (input, { random }) => input.subarray(0, below(random, input.length + 1)),
  // A part again, here or there.
  (input, { random }) => {
    const from = below(random, input.length);
    const part = Buffer.from(input.subarray(from, from + span(input, random)));
    return replaced(input, below(random, input.length + 1), random() < 0.5 ? part.length : 0, part);
  },
  (input, { random, other }) => {
    const donor = other();
    const from = below(random, donor.length);
    const part = donor.subarray(from, from + span(donor, random));
    return replaced(input, below(random, input.length + 1), random() < 0.5 ? part.length : 0, part);
  },
  (input, { random, other }) => {
    const donor = other();
    const at = below(random, Math.min(input.length, donor.length));
    return Buffer.concat([input.subarray(0, at), donor.subarray(at)]);
  },
  (input, { random }) => {
    const from = below(random, input.length);
    const length = span(input, random);
    return replaced(
      input,
      from,
      length,
      Buffer.alloc(Math.min(length, input.length - from), pick([0, 0xff, 0x20], random)),
    );
  },
];

/** Of that many values one: 0 to `limit` - 1; 0 where there is none. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

function replaced(input: Buffer, at: number, length: number, by: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), by, input.subarray(Math.min(input.length, at + length))]);
}

/** The length of a part: mostly short ones. */
function span(input: Buffer, random: () => number): number {
  return 1 + below(random, Math.min(input.length, 2 ** (1 + below(random, 10))));
}

function pick<T>(values: readonly T[], random: () => number): T {
  const value = values[below(random, values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}
