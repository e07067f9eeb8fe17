import { crc32 } from 'node:zlib';

/** The polynomial of RFC 1952's CRC-32, with the lowest power in the highest bit. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/** The CRC-32 of bytes that are to be put behind others, without looking at them again. */
export class CrcBlock {
  readonly #crc: number;
  /** x to the power of so many bits as the bytes have, modulo the polynomial. */
  readonly #power: number;

  constructor(bytes: Uint8Array) {
    this.#crc = crc32(bytes);
    this.#power = powerOf(8 * bytes.length);
  }

  /** The CRC of what has the CRC `before`, and these bytes behind it. */
  appendTo(before: number): number {
    return (multiply(this.#power, before) ^ this.#crc) >>> 0;
  }
}

/** x^exponent modulo the polynomial, by squaring. */
function powerOf(exponent: number): number {
  let power = ONE;
  let square = ONE >>> 1;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(square, power);
    square = multiply(square, square);
  }
  return power;
}

/** The product of two polynomials modulo that of the CRC. */
function multiply(one: number, other: number): number {
  let product = 0;
  let rest = other;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((one & bit) !== 0) product ^= rest;
    rest = (rest & 1) === 0 ? rest >>> 1 : (rest >>> 1) ^ POLYNOMIAL;
  }
  return product >>> 0;
}
