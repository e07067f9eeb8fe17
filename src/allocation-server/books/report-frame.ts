/** Where a report's fields are from the start of its frame; extension fields follow at BODY_OFFSET. */
import { BODY_OFFSET, HEADER } from '../../protocol/layout.ts';

/** u64 as the nearest number: exact below 2^53, and nothing above that is taken. */
export function readU64(frames: DataView, at: number): number {
  return frames.getUint32(at + 4, true) * 0x1_0000_0000 + frames.getUint32(at, true);
}

export function paddingIsZero(frames: DataView, offset: number): boolean {
  const afterType = frames.getUint32(offset + HEADER.type, true) >>> 8;
  return (afterType | (frames.getUint32(offset + HEADER.bufferType, true) >>> 8)) === 0;
}

export function readSize(frames: DataView, offset: number): number {
  return readU64(frames, offset + HEADER.size);
}

/** The halves of `buffer_id`, as i32. */
export function idLow(frames: DataView, offset: number): number {
  return frames.getInt32(offset + HEADER.bufferId, true);
}

export function idHigh(frames: DataView, offset: number): number {
  return frames.getInt32(offset + HEADER.bufferId + 4, true);
}

/** Seconds since the Unix epoch. */
export function readTime(frames: DataView, offset: number): number {
  return readU64(frames, offset + HEADER.timestamp) / 1e9;
}

/** The body's fields in eights of bytes. */
export function readBody(frames: DataView, offset: number, field: number): number {
  return readU64(frames, offset + BODY_OFFSET + 8 * field);
}
