import { encodeSnapshotHeader } from './answers.ts';
import { DocumentError } from './json-fields.ts';
import { MAX_DOCUMENT_BYTES } from './snapshot-document.ts';
import type { SnapshotDocument } from './snapshot-document.ts';

/** The document's bytes. Whole numbers from 2^53 on become decimal strings. Throws DocumentError when it is too large. */
export function encodeDocument(document: SnapshotDocument): Buffer {
  const bytes = Buffer.from(JSON.stringify(document, exactNumbers));
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new DocumentError('', `has ${bytes.length} bytes, where ${MAX_DOCUMENT_BYTES} are the most`);
  }
  return bytes;
}

/** A whole answer to SNAPSHOT_QUERY: the header frame and the document. `timestamp`: now, ns since the Unix epoch. */
export function encodeSnapshotResponse(document: Buffer, timestamp: bigint): Buffer {
  return Buffer.concat([encodeSnapshotHeader(document.length, timestamp), document]);
}

/** A replacer for JSON.stringify: whole numbers from 2^53 on become decimal strings. Throws DocumentError on NaN and the infinite. */
export function exactNumbers(name: string, value: unknown): unknown {
  if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  if (!Number.isFinite(value)) throw new DocumentError(name, `${value} is no number that JSON has`);
  return BigInt(value).toString();
}
