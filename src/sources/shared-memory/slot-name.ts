import { NAME_BYTES } from './layout.ts';

const SPACE = 0x20;
const TILDE = 0x7e;

/** Control, format, private and unassigned characters, lone surrogates, and what ends a line. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * A char[64] that holds whatever a process called itself: maybe not UTF-8, maybe not terminated. Gives at most 64
 * printable characters; each byte or character that is not one becomes U+FFFD.
 */
export function slotNameAt(bytes: Buffer, offset: number): string {
  const limit = offset + NAME_BYTES;
  let end = offset;
  let plain = true;
  for (; end < limit; end++) {
    const byte = bytes[end];
    if (byte === undefined || byte === 0) break;
    if (byte < SPACE || byte > TILDE) plain = false;
  }
  if (plain) return bytes.toString('latin1', offset, end);
  return bytes.toString('utf8', offset, end).replaceAll(UNPRINTABLE, '\u{fffd}');
}
