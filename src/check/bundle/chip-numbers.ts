import type { Pseudonyms } from './pseudonyms.ts';

/** No region has the number of a chip below this: it is TT-Metal's logical number, and says nothing. */
const LOGICAL_NUMBERS = 4096n;

const ALL_ONES = 0xff_ff_ff_ff_ff_ff_ff_ffn;

/** The bits of a serial that are the board's own and go into its chips' numbers; the rest says what board it is. */
const OWN_HIGH = 0xf_0000_0000n;
const OWN_LOW = 0x0fff_ffffn;

/**
 * Numbers in place of those of boards and chips. A board's type stays in its serial, and a region's number comes from the
 * serial in place of the board's by the same rule as the real one from the real (tt-umd: topology discovery).
 */
export class ChipNumbers {
  readonly #pseudonyms: Pseudonyms;
  readonly #fromSerials = new Map<bigint, bigint>();

  constructor(pseudonyms: Pseudonyms) {
    this.#pseudonyms = pseudonyms;
  }

  /** Makes known a board of this host, before the numbers of its regions are asked for. */
  learn(serial: bigint): void {
    if (isNoNumber(serial)) return;
    const other = this.serial(serial);
    const real = numbersOfBoard(serial);
    for (const [index, number] of numbersOfBoard(other).entries()) this.#fromSerials.set(real[index] ?? 0n, number);
  }

  serial(serial: bigint): bigint {
    if (isNoNumber(serial)) return serial;
    const own = ownBits(serial);
    const other = this.#permuted('serial', own, 32n);
    const rest = serial & ~(OWN_HIGH | OWN_LOW);
    return this.#noted('serial', serial, rest | ((other << 4n) & OWN_HIGH) | (other & OWN_LOW));
  }

  /** The number in a region's name, or an ASIC's id: with untrained Ethernet they are the same. */
  chip(number: bigint): bigint {
    if (number < LOGICAL_NUMBERS || isNoNumber(number)) return number;
    const known = this.#fromSerials.get(number);
    if (known !== undefined) return this.#noted('chip number', number, known);
    const low = 2n ** 56n - 1n;
    return this.#noted('chip number', number, (number & ~low) | this.#permuted('chip', number & low, 56n));
  }

  #noted(kind: string, number: bigint, other: bigint): bigint {
    this.#pseudonyms.note(kind, hexadecimal(number), hexadecimal(other));
    return other;
  }

  /** One to one among the numbers of so many bits (an even number): four rounds of a Feistel network. */
  #permuted(what: string, value: bigint, bits: bigint): bigint {
    const half = bits / 2n;
    const mask = 2n ** half - 1n;
    let left = value >> half;
    let right = value & mask;
    for (let round = 0; round < 4; round++) {
      const mixed = this.#pseudonyms.bytes(`${what} ${round}`, right.toString()).readBigUInt64LE() & mask;
      [left, right] = [right, left ^ mixed];
    }
    return (left << half) | right;
  }
}

/** `0000040131924062`, as the driver writes it. */
export function hexadecimal(number: bigint): string {
  return number.toString(16).toUpperCase().padStart(16, '0');
}

function isNoNumber(number: bigint): boolean {
  return number === 0n || number === ALL_ONES;
}

function ownBits(serial: bigint): bigint {
  return ((serial & OWN_HIGH) >> 4n) | (serial & OWN_LOW);
}

/** Every number that a region of the board can have, in an order that does not depend on the serial. */
function numbersOfBoard(serial: bigint): bigint[] {
  const numbers = [serial, (2n << 32n) | ownBits(serial), (3n << 32n) | ownBits(serial)];
  for (let location = 0n; location < 32n; location++) {
    numbers.push((serial << 8n) | location, (serial << 5n) | location);
    if (location < 2n) numbers.push((serial << 1n) | location);
  }
  return numbers.map((number) => BigInt.asUintN(64, number));
}
