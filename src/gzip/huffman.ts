/** A canonical prefix code as DEFLATE has it (RFC 1951, 3.2.2). */
export interface HuffmanCode {
  /** Bits of each symbol's code; 0: it has none. */
  readonly lengths: Uint8Array;
  /** Each symbol's code, first bit lowest, as it is written. */
  readonly codes: Uint16Array;
}

interface Node {
  readonly weight: number;
  readonly symbol: number;
  readonly children: readonly [Node, Node] | undefined;
}

/** A code for symbols that occur so often, none longer than `limit` bits. A symbol that occurs 0 times has no code. */
export function huffmanCode(counts: ArrayLike<number>, limit: number): HuffmanCode {
  let weights = Array.from(counts);
  let lengths = codeLengths(weights);
  // Not the very best code under a limit, but next to it: what is rare counts for more until nothing is too long.
  while (lengths.some((length) => length > limit)) {
    weights = weights.map((weight) => (weight === 0 ? 0 : Math.ceil(weight / 2) + 1));
    lengths = codeLengths(weights);
  }
  return { lengths, codes: canonicalCodes(lengths) };
}

function codeLengths(weights: readonly number[]): Uint8Array {
  const lengths = new Uint8Array(weights.length);
  const nodes = weights
    .map((weight, symbol): Node => ({ weight, symbol, children: undefined }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.weight - b.weight);
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) lengths[only.symbol] = 1;
  else measure(mergeAll(nodes), 0, lengths);
  return lengths;
}

/** The tree of leaves in order of weight: merged nodes come in that order too, so two queues do. */
function mergeAll(leaves: readonly Node[]): Node | undefined {
  const merged: Node[] = [];
  let leaf = 0;
  let inner = 0;
  const lightest = (): Node | undefined => {
    const [one, other] = [leaves[leaf], merged[inner]];
    if (one !== undefined && (other === undefined || one.weight <= other.weight)) {
      leaf++;
      return one;
    }
    inner++;
    return other;
  };
  for (let rest = leaves.length; rest > 1; rest--) {
    const [a, b] = [lightest(), lightest()];
    if (a !== undefined && b !== undefined) merged.push({ weight: a.weight + b.weight, symbol: -1, children: [a, b] });
  }
  return merged.at(-1);
}

function measure(node: Node | undefined, depth: number, lengths: Uint8Array): void {
  if (node === undefined) return;
  if (node.children === undefined) lengths[node.symbol] = depth;
  else for (const child of node.children) measure(child, depth + 1, lengths);
}

const MAX_BITS = 15;

function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const next = new Uint16Array(MAX_BITS + 2);
  for (const length of lengths) if (length > 0) next[length + 1] = (next[length + 1] ?? 0) + 1;
  for (let bits = 1; bits < next.length; bits++) next[bits] = ((next[bits] ?? 0) + (next[bits - 1] ?? 0)) << 1;
  // Now next[n] is twice the number of codes up to n - 1 bits, counted in codes of n bits.
  return Uint16Array.from(lengths, (length) => {
    if (length === 0) return 0;
    const code = next[length] ?? 0;
    next[length] = code + 1;
    return reversed(code, length);
  });
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result = (result << 1) | ((code >> bit) & 1);
  return result;
}
