import { DocumentParser } from '../../src/protocol/parse-document.ts';
import type { SnapshotDocument } from '../../src/protocol/snapshot-document.ts';

/** The document in these bytes, which have come in one piece. Throws DocumentError. */
export function parseDocument(bytes: Uint8Array): SnapshotDocument {
  const parser = new DocumentParser();
  parser.push(bytes);
  return parser.end();
}
