/** Bytes that many lines share, packed as little-endian words: a word is one store, where a byte each would be four. */
export interface Fragment {
  readonly words: Uint32Array;
  /** Bytes; the last word may hold zeros beyond. */
  readonly length: number;
}

/** Packs `text` as UTF-8. */
export function fragment(text: string): Fragment {
  const bytes = Buffer.from(text, 'utf8');
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  for (const [index, byte] of bytes.entries()) {
    const at = index >> 2;
    words[at] = ((words[at] ?? 0) | (byte << ((index & 3) * 8))) >>> 0;
  }
  return { words, length: bytes.length };
}
