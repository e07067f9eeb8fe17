import { errorCode } from './error-code.ts';
import type { FileResult } from './lanes.ts';

/*
 * What came of one file as one number, so that it fits into shared memory: 0 to maxBytes is the length of the text,
 * maxBytes + 1 says that there was more, a negative number is an error number.
 */

/** How much is asked for: one byte more than is wanted tells a full buffer from a file that goes on. */
export function bytesAskedFor(maxBytes: number): number {
  return maxBytes + 1;
}

/** How many bytes of text an outcome stands for. */
export function textLength(outcome: number, maxBytes: number): number {
  return Math.max(0, Math.min(outcome, maxBytes));
}

/** The result for an outcome whose text starts at `at`. */
export function toFileResult(outcome: number, maxBytes: number, bytes: Buffer, at: number): FileResult {
  if (outcome < 0) return { ok: false, code: errorCode(-outcome) };
  const text = bytes.toString('latin1', at, at + textLength(outcome, maxBytes));
  return { ok: true, text, truncated: outcome > maxBytes };
}

/**
 * Whether a read that gave less than was asked for may not have been the last: a seq_file hands out its records in
 * pieces of about a page (linux: fs/seq_file.c), and everything shorter comes at once.
 */
export function mayGoOn(got: number, askedFor: number): boolean {
  return got < askedFor && got >= 2048;
}
