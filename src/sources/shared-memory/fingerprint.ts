/** Two ticks of the slowest kernel clock (100 Hz), by which st_ctime moves. */
const TICKS_MS = 20;

let unrepeatable = 0;

/**
 * Stands for a region's st_ctime: while it stays the same, nobody has attached, as each attach calls ftruncate, which moves
 * st_ctime even where no byte changes. While st_ctime is younger than the kernel's clock can tell apart, a further attach
 * would not move it: such a mark never comes twice.
 */
export function attachMarkOf(ctimeMs: number, nowMs: number): string {
  const age = nowMs - ctimeMs;
  return age >= 0 && age < TICKS_MS ? `${ctimeMs}:${++unrepeatable}` : `${ctimeMs}`;
}

/** Stands for a region's bytes too: while it stays the same, nothing was written. `hash`: of the bytes. */
export function fingerprintOf(hash: string, attachMark: string): string {
  return `${attachMark}:${hash}`;
}

/**
 * Two independent 32-bit hashes, not meant to withstand somebody who may write the region anyway. Over 32-bit words, so
 * that 8,576 bytes cost 5 µs. The shifts bring each word's high bits back down.
 */
export function hashOf(bytes: Buffer): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = bytes.byteLength & ~3;
  let a = bytes.byteLength;
  let b = ~bytes.byteLength;
  for (let offset = 0; offset < words; offset += 4) {
    const word = view.getUint32(offset, true);
    a = Math.imul(a ^ word, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x85ebca6b);
    b ^= b >>> 13;
  }
  for (let offset = words; offset < bytes.byteLength; offset++) {
    const byte = view.getUint8(offset);
    a = Math.imul(a ^ byte, 0x9e3779b1);
    b = Math.imul(b ^ byte, 0x85ebca6b);
  }
  return `${(a >>> 0).toString(16)}${(b >>> 0).toString(16).padStart(8, '0')}`;
}
