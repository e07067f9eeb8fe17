import { Cursor } from '../bytes/cursor.ts';
import type { U64 } from './frame-writer.ts';
import { FRAME_BYTES } from './layout.ts';
import type { Dialect } from './layout.ts';
import { ProtocolError } from './protocol-error.ts';

/** The 40 bytes that every message begins with. */
export interface MessageHeader {
  readonly type: number;
  readonly deviceId: number;
  readonly size: U64;
  readonly bufferType: number;
  readonly processId: number;
  readonly bufferId: bigint;
  /** ns since the Unix epoch. */
  readonly timestamp: bigint;
}

/** A cursor over one whole frame. Throws ProtocolError where the bytes are not exactly one. */
export function openFrame(dialect: Dialect, frame: Buffer): Cursor {
  if (frame.length !== FRAME_BYTES[dialect]) {
    throw new ProtocolError('frame', `${frame.length} bytes, where dialect ${dialect} has ${FRAME_BYTES[dialect]}`);
  }
  return new Cursor(frame);
}

/** Reads the header, in wire order. Throws ProtocolError where padding is not zero: the stream is out of step. */
export function readHeader(cursor: Cursor): MessageHeader {
  const type = cursor.u8();
  skipZeros(cursor, 'pad at 1');
  const deviceId = cursor.i32();
  const size = readU64(cursor);
  const bufferType = cursor.u8();
  skipZeros(cursor, 'pad at 17');
  const processId = cursor.i32();
  const bufferId = cursor.bigU64();
  const timestamp = cursor.bigU64();
  return { type, deviceId, size, bufferType, processId, bufferId, timestamp };
}

/** A u64 as a number where that is exact, else as a bigint. */
export function readU64(cursor: Cursor): U64 {
  const value = cursor.bigU64();
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function skipZeros(cursor: Cursor, field: string): void {
  if ((cursor.u8() | cursor.u16()) !== 0) throw new ProtocolError(field, 'is not zero');
}
