const UNITS: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Bytes of a quantity with a binary unit: `256Mi`. */
export function bytesOf(quantity: string | number | undefined): number {
  const [, digits, unit = ''] = /^(\d+)([KMG]i)$/.exec(String(quantity)) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new Error(`${String(quantity)} is no number of KiB, MiB or GiB`);
  return Number(digits) * factor;
}
