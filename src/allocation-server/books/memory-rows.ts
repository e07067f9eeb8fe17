import { DOCUMENT_TYPES } from '../../protocol/snapshot-document.ts';
import type { ByType, DocumentType } from '../../protocol/snapshot-document.ts';

/** The position of each type in a row. */
export const TYPE = { dram: 0, trace: 1, l1: 2, l1_small: 3, cb: 4, kernel: 5, host: 6 } as const satisfies Record<
  DocumentType,
  number
>;

export const TYPES = DOCUMENT_TYPES.length;

/** The numbers of one type that are kept of a holding and of a device alike. */
export const FIELD = {
  LIVE_BYTES: 0,
  LIVE_BUFFERS: 1,
  PEAK_BYTES: 2,
  ALLOCATIONS: 3,
  FREES: 4,
  ALLOCATED_BYTES: 5,
  FREED_BYTES: 6,
} as const;

/** The numbers of one type that are kept of a device alone. */
export const DEVICE_FIELD = {
  RECLAIMED_BYTES: 8,
  RECLAIMED_BUFFERS: 9,
  FAILURES: 10,
  LAST_FAILED: 11,
  LARGEST_FREE: 12,
  /** The holding whose report LARGEST_FREE is, + 1; 0 where nothing is known. */
  LARGEST_FREE_FROM: 13,
} as const;

/** How wide the numbers of one type are, and where the one behind them all is: when they last changed. */
export interface RowShape {
  readonly type: number;
  readonly changed: number;
  readonly row: number;
}

export const HOLDING: RowShape = { type: 8, changed: 56, row: 64 };
export const DEVICE: RowShape = { type: 16, changed: 112, row: 128 };

/**
 * Where counters of bytes begin again, like after a restart: readers take no number from 2^64 on, and somebody who
 * allocates and frees absurd sizes gets there within a minute.
 */
const COUNTER_END = 2 ** 63;

export function add(rows: Float64Array, at: number, value: number): void {
  rows[at] = (rows[at] ?? 0) + value;
}

/** Adds to a counter of bytes. */
export function count(rows: Float64Array, at: number, bytes: number): void {
  const sum = (rows[at] ?? 0) + bytes;
  rows[at] = sum < COUNTER_END ? sum : sum - COUNTER_END;
}

/** `at`: where the numbers of the type begin. */
export function addAllocation(rows: Float64Array, at: number, bytes: number): void {
  const live = (rows[at + FIELD.LIVE_BYTES] ?? 0) + bytes;
  rows[at + FIELD.LIVE_BYTES] = live;
  if (live > (rows[at + FIELD.PEAK_BYTES] ?? 0)) rows[at + FIELD.PEAK_BYTES] = live;
  add(rows, at + FIELD.LIVE_BUFFERS, 1);
  add(rows, at + FIELD.ALLOCATIONS, 1);
  count(rows, at + FIELD.ALLOCATED_BYTES, bytes);
}

/** `buffers`: 0 or 1. The caller sees to it that there is as much. */
export function addFree(rows: Float64Array, at: number, bytes: number, buffers: number): void {
  add(rows, at + FIELD.LIVE_BYTES, -bytes);
  add(rows, at + FIELD.LIVE_BUFFERS, -buffers);
  add(rows, at + FIELD.FREES, buffers);
  count(rows, at + FIELD.FREED_BYTES, bytes);
}

/** One field of all types, of those that `includes` admits. `start`: where the row begins. */
export function byType(
  rows: Float64Array,
  start: number,
  shape: RowShape,
  field: number,
  includes: (typeStart: number) => boolean,
): ByType {
  const result: Partial<Record<DocumentType, number>> = {};
  for (const type of DOCUMENT_TYPES) {
    const at = start + TYPE[type] * shape.type;
    if (includes(at)) result[type] = rows[at + field] ?? 0;
  }
  return result;
}
