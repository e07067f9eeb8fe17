import { MESSAGE, messageName } from '../../protocol/messages.ts';

/** The smallest frame: the header and fields that every dialect has. What is behind is zero in whatever a client sends. */
export const HEADER_BYTES = 72;

/** Device ids up to here can exist. A client may claim any; the books bound how many there are. */
export const MAX_DEVICE_ID = 65_535;

const ANSWERS: ReadonlySet<number> = new Set([
  MESSAGE.RESPONSE,
  MESSAGE.DEVICE_INFO_RESPONSE,
  MESSAGE.SNAPSHOT_RESPONSE,
]);

/** Whether clients send messages of this type. */
export function isFromClient(type: number): boolean {
  return messageName(type) !== undefined && !ANSWERS.has(type);
}

/** Whether the 40 bytes from `offset` on could begin a message: known type, zero pads, a device that can exist. */
export function canBegin(bytes: DataView, offset: number): boolean {
  const first = bytes.getUint32(offset, true);
  if (first > 0xff || !isFromClient(first)) return false;
  const device = bytes.getInt32(offset + 4, true);
  return device >= -1 && device <= MAX_DEVICE_ID && bytes.getUint32(offset + 16, true) <= 0xff;
}

/**
 * Whether a frame of `size` bytes, in a stream that was in step so far, still is: type not 0, pads zero, zeros from byte
 * 72 on. A type or a device that nobody knows does not break the stream: such a frame is passed over whole.
 */
export function isInStep(bytes: DataView, offset: number, size: number): boolean {
  const first = bytes.getUint32(offset, true);
  if (first === 0 || first > 0xff || bytes.getUint32(offset + 16, true) > 0xff) return false;
  return hasZeros(bytes, offset + HEADER_BYTES, offset + size);
}

/** Both ends are multiples of 4 apart. */
export function hasZeros(bytes: DataView, from: number, to: number): boolean {
  for (let at = from; at < to; at += 4) {
    if (bytes.getUint32(at, true) !== 0) return false;
  }
  return true;
}
