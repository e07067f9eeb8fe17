import type { Cursor } from '../bytes/cursor.ts';
import type { Announcement, DeviceFields, RingFields, TotalsFields } from './answers.ts';
import type { U64 } from './frame-writer.ts';
import { openFrame, readHeader, readU64 } from './frame-reader.ts';
import type { MessageHeader } from './frame-reader.ts';
import { DEVICE_OFFSET, RING } from './layout.ts';
import type { Dialect } from './layout.ts';
import { MESSAGE } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

/** A RESPONSE: a device's totals. Fields that the dialect does not have are undefined. */
export interface Response extends Omit<TotalsFields, 'cb' | 'kernel'> {
  readonly deviceId: number;
  readonly cb: U64 | undefined;
  readonly kernel: U64 | undefined;
  readonly ring: RingFields | undefined;
}

/** A DEVICE_INFO_RESPONSE. */
export interface DeviceInfoResponse extends DeviceFields, Announcement {
  readonly deviceId: number;
  readonly ring: RingFields | undefined;
}

/** A SNAPSHOT_RESPONSE: what the document after it measures. */
export interface SnapshotHeader {
  readonly documentBytes: U64;
  readonly timestamp: bigint;
}

/** Throws ProtocolError where it is no answer to a QUERY about that device. */
export function decodeResponse(dialect: Dialect, frame: Buffer, deviceId: number): Response {
  const cursor = openFrame(dialect, frame);
  checkAnswer(readHeader(cursor), MESSAGE.RESPONSE, deviceId);
  const dram = readU64(cursor);
  const l1 = readU64(cursor);
  const l1Small = readU64(cursor);
  const trace = readU64(cursor);
  const cb = dialect === 'C' ? readU64(cursor) : undefined;
  const kernel = dialect === 'C' ? readU64(cursor) : undefined;
  return { deviceId, dram, l1, l1Small, trace, cb, kernel, ring: readRing(dialect, cursor) };
}

/** Throws ProtocolError where it is no answer to a DEVICE_INFO_QUERY about that device. */
export function decodeDeviceInfoResponse(dialect: 'B' | 'C', frame: Buffer, deviceId: number): DeviceInfoResponse {
  const cursor = openFrame(dialect, frame);
  const { bufferId, timestamp } = checkAnswer(readHeader(cursor), MESSAGE.DEVICE_INFO_RESPONSE, deviceId);
  cursor.skip(DEVICE_OFFSET[dialect] - cursor.offset);
  const totalDramSize = readU64(cursor);
  const totalL1Size = readU64(cursor);
  const archType = cursor.u32();
  const dramChannels = cursor.u32();
  const dramSizePerChannel = cursor.u32();
  const l1SizePerCore = cursor.u32();
  const isAvailable = cursor.u32();
  const numDevices = cursor.u32();
  const ring = readRing(dialect, cursor);
  const sizes = { totalDramSize, totalL1Size, archType, dramChannels, dramSizePerChannel, l1SizePerCore };
  return { deviceId, bufferId, timestamp, ...sizes, isAvailable, numDevices, ring };
}

/** Throws ProtocolError where it is no SNAPSHOT_RESPONSE. Whether the size can be believed is the caller's to judge. */
export function decodeSnapshotHeader(frame: Buffer): SnapshotHeader {
  const header = readHeader(openFrame('C', frame));
  if (header.type !== MESSAGE.SNAPSHOT_RESPONSE) throw wrongType(header.type, MESSAGE.SNAPSHOT_RESPONSE);
  return { documentBytes: header.size, timestamp: header.timestamp };
}

function checkAnswer(header: MessageHeader, type: number, deviceId: number): MessageHeader {
  if (header.type !== type) throw wrongType(header.type, type);
  if (header.deviceId !== deviceId) {
    throw new ProtocolError('device_id', `an answer about device ${header.deviceId}, where ${deviceId} was asked for`);
  }
  return header;
}

function wrongType(type: number, expected: number): ProtocolError {
  return new ProtocolError('type', `${type}, where an answer of type ${expected} was to come`);
}

/** The ring's fields at the end of a frame of dialect C; undefined where all of them are 0, which is "not filled in". */
function readRing(dialect: Dialect, cursor: Cursor): RingFields | undefined {
  if (dialect !== 'C') return undefined;
  cursor.skip(RING.totalSize - cursor.offset);
  const totalSize = cursor.u32();
  const usedBytes = cursor.u32();
  const programs = cursor.u32();
  return totalSize === 0 && usedBytes === 0 && programs === 0 ? undefined : { totalSize, usedBytes, programs };
}
