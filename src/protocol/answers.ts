import { newFrame, writeU64, writeUnsigned } from './frame-writer.ts';
import type { U64 } from './frame-writer.ts';
import { EXTENSION_DIALECT } from './extension.ts';
import { DEVICE, DEVICE_OFFSET, RING, TOTALS, TOTALS_C } from './layout.ts';
import type { Dialect } from './layout.ts';
import { MESSAGE } from './messages.ts';

/** A device's totals in bytes, as a RESPONSE has them; `cb` and `kernel` are of dialect C alone. */
export interface TotalsFields {
  readonly dram: U64;
  readonly l1: U64;
  readonly l1Small: U64;
  readonly trace: U64;
  readonly cb: U64;
  readonly kernel: U64;
}

/** The kernel-config ring buffer of dialect C: bytes, and how many programs it holds. */
export interface RingFields {
  readonly totalSize: number;
  readonly usedBytes: number;
  readonly programs: number;
}

/** The device fields of a DEVICE_INFO_RESPONSE, as they are on the wire. */
export interface DeviceFields {
  readonly totalDramSize: U64;
  readonly totalL1Size: U64;
  readonly archType: number;
  readonly dramChannels: number;
  /** Bytes; channels of 4 GiB or more overflow it. */
  readonly dramSizePerChannel: number;
  readonly l1SizePerCore: number;
  readonly isAvailable: number;
  /** Only in the answer about all devices. */
  readonly numDevices: number;
}

/** Of a device that the server knows nothing of. */
export const NO_DEVICE_FIELDS: DeviceFields = {
  totalDramSize: 0,
  totalL1Size: 0,
  archType: 0,
  dramChannels: 0,
  dramSizePerChannel: 0,
  l1SizePerCore: 0,
  isAvailable: 0,
  numDevices: 0,
};

export function encodeResponse(dialect: Dialect, deviceId: number, totals: TotalsFields): Buffer {
  const frame = newFrame(dialect, { type: MESSAGE.RESPONSE, deviceId });
  writeU64(frame, TOTALS.dram, totals.dram, 'dram_allocated');
  writeU64(frame, TOTALS.l1, totals.l1, 'l1_allocated');
  writeU64(frame, TOTALS.l1Small, totals.l1Small, 'l1_small_allocated');
  writeU64(frame, TOTALS.trace, totals.trace, 'trace_allocated');
  if (dialect === 'C') {
    writeU64(frame, TOTALS_C.cb, totals.cb, 'cb_allocated');
    writeU64(frame, TOTALS_C.kernel, totals.kernel, 'kernel_allocated');
  }
  return frame;
}

/** What a server with the extension says of itself in its answer about all devices. */
export interface Announcement {
  readonly bufferId: bigint;
  /** The server's start, ns since the Unix epoch. */
  readonly timestamp: bigint;
}

export function encodeDeviceInfoResponse(
  dialect: 'B' | 'C',
  deviceId: number,
  device: DeviceFields,
  more: { readonly ring?: RingFields; readonly announcement?: Announcement } = {},
): Buffer {
  const frame = newFrame(dialect, { type: MESSAGE.DEVICE_INFO_RESPONSE, deviceId, ...more.announcement });
  const start = DEVICE_OFFSET[dialect];
  writeU64(frame, start + DEVICE.totalDramSize, device.totalDramSize, 'total_dram_size');
  writeU64(frame, start + DEVICE.totalL1Size, device.totalL1Size, 'total_l1_size');
  writeUnsigned(frame, start + DEVICE.archType, 4, device.archType, 'arch_type');
  writeUnsigned(frame, start + DEVICE.dramChannels, 4, device.dramChannels, 'num_dram_channels');
  writeUnsigned(frame, start + DEVICE.dramSizePerChannel, 4, device.dramSizePerChannel, 'dram_size_per_channel');
  writeUnsigned(frame, start + DEVICE.l1SizePerCore, 4, device.l1SizePerCore, 'l1_size_per_core');
  writeUnsigned(frame, start + DEVICE.isAvailable, 4, device.isAvailable, 'is_available');
  writeUnsigned(frame, start + DEVICE.numDevices, 4, device.numDevices, 'num_devices');
  if (dialect === 'C' && more.ring !== undefined) writeRing(frame, more.ring);
  return frame;
}

/** Writes the ring's fields into a frame of dialect C. */
export function writeRing(frame: Buffer, ring: RingFields): void {
  writeUnsigned(frame, RING.totalSize, 4, ring.totalSize, 'ringbuffer_total_size');
  writeUnsigned(frame, RING.usedBytes, 4, ring.usedBytes, 'ringbuffer_used_bytes');
  writeUnsigned(frame, RING.programs, 4, ring.programs, 'ringbuffer_num_programs');
}

/** The frame before the document: its length in bytes, and the server's clock in ns since the Unix epoch. */
export function encodeSnapshotHeader(documentBytes: number, timestamp: bigint): Buffer {
  return newFrame(EXTENSION_DIALECT, { type: MESSAGE.SNAPSHOT_RESPONSE, deviceId: -1, size: documentBytes, timestamp });
}
