import { FRAME_BYTES, HEADER } from './layout.ts';
import type { Dialect } from './layout.ts';
import { ProtocolError } from './protocol-error.ts';

/** An unsigned 64-bit field: a number where that is exact, a bigint from 2^53 on. */
export type U64 = number | bigint;

/** The header's fields; what is left out is 0 on the wire. */
export interface HeaderFields {
  readonly type: number;
  readonly deviceId: number;
  readonly size?: U64;
  readonly bufferType?: number;
  readonly processId?: number;
  readonly bufferId?: bigint;
  /** ns since the Unix epoch. */
  readonly timestamp?: bigint;
}

/** A new whole frame: the header, and zeros behind it. */
export function newFrame(dialect: Dialect, header: HeaderFields): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES[dialect]);
  writeUnsigned(frame, HEADER.type, 1, header.type, 'type');
  writeInt32(frame, HEADER.deviceId, header.deviceId, 'device_id');
  writeU64(frame, HEADER.size, header.size ?? 0, 'size');
  writeUnsigned(frame, HEADER.bufferType, 1, header.bufferType ?? 0, 'buffer_type');
  writeInt32(frame, HEADER.processId, header.processId ?? 0, 'process_id');
  writeU64(frame, HEADER.bufferId, header.bufferId ?? 0n, 'buffer_id');
  writeU64(frame, HEADER.timestamp, header.timestamp ?? 0n, 'timestamp');
  return frame;
}

/** Throws ProtocolError naming `field` where the value is no u64. */
export function writeU64(frame: Buffer, offset: number, value: U64, field: string): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new ProtocolError(field, `${value} is no exact whole number, give it as a bigint`);
  }
  const whole = BigInt(value);
  if (whole < 0n || whole > 0xffff_ffff_ffff_ffffn) throw new ProtocolError(field, `${String(value)} is no u64`);
  frame.writeBigUInt64LE(whole, offset);
}

/** Throws ProtocolError naming `field` where the value does not fit into that many bytes (1, 2 or 4). */
export function writeUnsigned(frame: Buffer, offset: number, bytes: 1 | 2 | 4, value: number, field: string): void {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * bytes)) {
    throw new ProtocolError(field, `${value} is no u${8 * bytes}`);
  }
  frame.writeUIntLE(value, offset, bytes);
}

function writeInt32(frame: Buffer, offset: number, value: number, field: string): void {
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31) {
    throw new ProtocolError(field, `${value} is no i32`);
  }
  frame.writeInt32LE(value, offset);
}
