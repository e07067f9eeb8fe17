import { FRAME_BYTES } from '../../protocol/layout.ts';
import { canBegin, hasZeros } from './frame-check.ts';

const { A, B, C } = FRAME_BYTES;

/**
 * What the bytes from `offset` to `end` say of a peer whose dialect is not known: the size of its frames; `more`: later
 * bytes will tell; `none`: no message begins here. `silent`: nothing follows for now, so a frame that is whole in its
 * dialect is one (a frame that was sent in one piece arrives in one piece).
 *
 * Everything behind byte 72 is zero in what clients send, and no message's first byte is: so the first byte behind a
 * possible frame decides.
 */
export function findFrameBytes(
  bytes: DataView,
  offset: number,
  end: number,
  silent: boolean,
): number | 'more' | 'none' {
  const length = end - offset;
  if (length < 40) return 'more';
  if (!canBegin(bytes, offset)) return 'none';
  if (length < A || (length === A && !silent)) return 'more';
  if (length === A || bytes.getUint8(offset + A) !== 0) return A;
  if (!hasZeros(bytes, offset + A, offset + Math.min(B, A + wholeWords(length - A)))) return 'none';
  if (length < B || (length === B && !silent)) return 'more';
  if (length === B || bytes.getUint8(offset + B) !== 0) return B;
  return hasZeros(bytes, offset + B, offset + Math.min(C, B + wholeWords(length - B))) ? C : 'none';
}

function wholeWords(bytes: number): number {
  return bytes - (bytes % 4);
}
