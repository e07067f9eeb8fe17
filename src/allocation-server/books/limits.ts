import type { BooksLimits } from './types.ts';

/** Some 700 MB at the very most; what real hosts have is a small part of it. */
export const DEFAULT_LIMITS: BooksLimits = {
  buffers: 8 * 2 ** 20,
  buffersAProcess: 2 * 2 ** 20,
  processes: 2048,
  devices: 1024,
  devicesAProcess: 128,
  holdings: 8192,
  endedProcesses: 1024,
};

/** What handles and packed words have room for. */
const MOST: Partial<Record<keyof BooksLimits, number>> = { processes: 2048, holdings: 16384, buffers: 2 ** 28 };

/** Throws RangeError naming the limit that is no whole number from 1 up to what the books can hold. */
export function checkLimits(limits: BooksLimits): void {
  for (const [name, value] of Object.entries(limits) as [keyof BooksLimits, number][]) {
    const most = MOST[name] ?? Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RangeError(`the limit of ${name} is ${value}, where it can be 1 to ${most}`);
    }
  }
}
