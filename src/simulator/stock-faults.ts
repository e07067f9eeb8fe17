import { randomBytes } from 'node:crypto';

/**
 * How a simulated server fails:
 * - `late`: after so many `answers` (none, if left out) the rest is held back until release() or close(): a server that
 *   never answers, if that never comes
 * - `half`: half of the first answer is sent, the rest held back like `late`
 * - `garbage`: answers of the right size and random content; `too_much`: each answer twice; `short`: 16 bytes less each
 * - `close_early`: the connection is closed after `answers` answers; with 0 after the first request
 * - `close_at_once`: the connection is accepted and closed
 */
export type StockFault =
  | { readonly kind: 'half' | 'garbage' | 'too_much' | 'short' | 'close_at_once' }
  | { readonly kind: 'late'; readonly answers?: number }
  | { readonly kind: 'close_early'; readonly answers: number };

/** What a fault makes of an answer (the connection's first is 0): what is sent now, and what is held back. */
export function spoil(fault: StockFault | undefined, answer: Buffer, index: number): { now: Buffer; held: Buffer } {
  const nothing = Buffer.alloc(0);
  switch (fault?.kind) {
    case 'late':
      return index < (fault.answers ?? 0) ? { now: answer, held: nothing } : { now: nothing, held: answer };
    case 'half':
      return { now: answer.subarray(0, answer.length / 2), held: answer.subarray(answer.length / 2) };
    case 'garbage':
      return { now: rubbish(answer.length), held: nothing };
    case 'too_much':
      return { now: Buffer.concat([answer, answer]), held: nothing };
    case 'short':
      return { now: answer.subarray(0, answer.length - 16), held: nothing };
    default:
      return { now: answer, held: nothing };
  }
}

/** Random bytes whose first one is no message's type. */
function rubbish(length: number): Buffer {
  const bytes = randomBytes(length);
  bytes[0] = 0xee;
  return bytes;
}
