import type { U64 } from '../../protocol/frame-writer.ts';
import { DRAM_TYPES } from '../../snapshot/memory-types.ts';
import type { MemoryType } from '../../snapshot/memory-types.ts';
import type { ReadError } from '../source.ts';
import type { ServerCapacity } from './types.ts';

/**
 * More than any chip has (the largest known: 32 GiB of DRAM, 210 MiB of L1, 1.5 MiB of it a core), with room for
 * chips to come, and less than what a stock server's underflow or an application's absurd `size` gives.
 */
export const MAX_CAPACITY = { dramBytes: 2 ** 40, l1Bytes: 2 ** 34, l1BytesPerCore: 2 ** 26 } as const;

/** Taken where a server does not say what a chip has. */
const ASSUMED_CAPACITY = { dram: 32 * 2 ** 30, l1: 256 * 2 ** 20 } as const;

/** Books can exceed what the chip has (programs that share circular buffers), but not without end. */
const OVERBOOKING = 64;

/** The kernel-config ring is a part of one core's L1. */
export const MAX_RING_BYTES = MAX_CAPACITY.l1BytesPerCore;

/** What no chip can hold of that type: nothing above it is a size. */
export function memoryLimit(type: MemoryType, capacity: ServerCapacity): number {
  const inDram = (DRAM_TYPES as readonly string[]).includes(type);
  const known = inDram ? capacity.dramBytes : capacity.l1Bytes;
  return OVERBOOKING * (known ?? ASSUMED_CAPACITY[inDram ? 'dram' : 'l1']);
}

/** Errors that name what is wrong; the others of a reading are counted only, so that they take no memory. */
const MAX_NAMED = 256;
const UNNAMED: ReadError = {
  reason: 'implausible_value',
  message: `more than ${MAX_NAMED} values are not plausible: the others are left out too, and not named`,
};

/** Leaves out what cannot be, and says so. */
export class Plausibility {
  readonly #errors: ReadError[];
  #leftOut = 0;

  constructor(errors: ReadError[]) {
    this.#errors = errors;
  }

  /** The value as a number where it is at most `limit`; undefined, and a read error that names `field`, where not. */
  size(value: U64, limit: number, device: number | string, field: string): number | undefined {
    if (value <= limit) return Number(value);
    const message = `device ${device}: ${field} is ${String(value)}, more than ${limit}: left out`;
    this.#errors.push(this.#leftOut++ < MAX_NAMED ? { reason: 'implausible_value', message } : UNNAMED);
    return undefined;
  }

  /** As `size`, for what is unknown where it is 0. */
  capacity(value: U64, limit: number, device: number, field: string): number | undefined {
    return value === 0 ? undefined : this.size(value, limit, device, field);
  }

  /** Says that so many entries of a document were left out. */
  tooMany(count: number, what: string): void {
    if (count > 0) this.#errors.push({ reason: 'too_many_entries', message: `${count} ${what} are left out` });
  }
}
