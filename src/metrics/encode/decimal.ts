/** The four digits of 0 to 9999 as ASCII, `0000` to `9999`, each as one little-endian word. */
export const FOUR_DIGITS = fourDigits();

function fourDigits(): Uint32Array {
  const table = new Uint32Array(10_000);
  for (let number = 0; number < table.length; number++) {
    const digits = Buffer.from(String(number).padStart(4, '0'), 'latin1');
    table[number] = digits.readUInt32LE(0);
  }
  return table;
}

/** A number that is no plain integer, as both formats spell it: JavaScript's shortest form that reads back to the same. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}
