/** What a peer was built with, named by the size of its messages: A 72, B 112, C 144 bytes. */
export type Dialect = 'A' | 'B' | 'C';

export const DIALECTS: readonly Dialect[] = ['A', 'B', 'C'];

/** Bytes of every message of a dialect, in both directions. */
export const FRAME_BYTES: Readonly<Record<Dialect, number>> = { A: 72, B: 112, C: 144 };

/** The dialect whose messages have this size; undefined where none has. */
export function dialectOfSize(bytes: number): Dialect | undefined {
  return DIALECTS.find((dialect) => FRAME_BYTES[dialect] === bytes);
}

/** Offsets of the header that all dialects share. */
export const HEADER = {
  type: 0,
  deviceId: 4,
  size: 8,
  bufferType: 16,
  processId: 20,
  bufferId: 24,
  timestamp: 32,
} as const;

/** Where the body begins: an answer's numbers, or the extension's fields. */
export const BODY_OFFSET = 40;

/** Offsets of the totals that all dialects share. */
export const TOTALS = { dram: 40, l1: 48, l1Small: 56, trace: 64 } as const;

/** Offsets of the totals that only dialect C has. */
export const TOTALS_C = { cb: 72, kernel: 80 } as const;

/** Where the device fields begin, in the dialects that have them. */
export const DEVICE_OFFSET: Readonly<Record<'B' | 'C', number>> = { B: 72, C: 88 };

/** Offsets of the device fields from DEVICE_OFFSET on. */
export const DEVICE = {
  totalDramSize: 0,
  totalL1Size: 8,
  archType: 16,
  dramChannels: 20,
  dramSizePerChannel: 24,
  l1SizePerCore: 28,
  isAvailable: 32,
  numDevices: 36,
} as const;

/** Offsets of the kernel-config ring buffer, only in dialect C. */
export const RING = { totalSize: 128, usedBytes: 132, programs: 136 } as const;
