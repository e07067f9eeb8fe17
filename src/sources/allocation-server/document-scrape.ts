import { decodeSnapshotHeader } from '../../protocol/decode-answers.ts';
import { DocumentError } from '../../protocol/json-fields.ts';
import { EXTENSION_DIALECT } from '../../protocol/extension.ts';
import { FRAME_BYTES } from '../../protocol/layout.ts';
import { DocumentParser } from '../../protocol/parse-document.ts';
import { encodeSnapshotQuery } from '../../protocol/requests.ts';
import { MAX_DOCUMENT_BYTES } from '../../protocol/snapshot-document.ts';
import type { SnapshotDocument } from '../../protocol/snapshot-document.ts';
import type { ServerConnection } from './connection.ts';
import { PeerError } from './peer-error.ts';
import type { Plausibility } from './plausible.ts';

/** What no page shows of a process. By cores is half of a large document, and the counters are most of the rest. */
const NOT_SHOWN = ['cbCores', 'counters', 'peakBytes'] as const;

/** Asks a server that has announced the extension for everything it knows. Throws PeerError, ProtocolError. */
export async function askForDocument(
  connection: ServerConnection,
  answeredBefore: number,
  plausibility: Plausibility,
): Promise<SnapshotDocument> {
  const frame = FRAME_BYTES[EXTENSION_DIALECT];
  connection.send(encodeSnapshotQuery(), frame + MAX_DOCUMENT_BYTES);
  connection.finish();
  const { documentBytes } = decodeSnapshotHeader(await connection.read(frame));
  if (documentBytes > MAX_DOCUMENT_BYTES) {
    const message = `the server's document has ${String(documentBytes)} bytes, where ${MAX_DOCUMENT_BYTES} are the most`;
    throw new PeerError('document_too_large', message);
  }
  connection.correctOwed(answeredBefore + frame + Number(documentBytes));
  try {
    const { document, leftOut } = await readDocument(connection, Number(documentBytes));
    plausibility.tooMany(leftOut, 'processes that have ended (the newest are kept)');
    return document;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new PeerError('bad_document', `the server's document: ${error.message}`, { cause: error });
  }
}

async function readDocument(
  connection: ServerConnection,
  bytes: number,
): Promise<{ readonly document: SnapshotDocument; readonly leftOut: number }> {
  const parser = new DocumentParser({ without: NOT_SHOWN });
  for (let left = bytes; left > 0;) {
    const part = await connection.readPart(left, bytes);
    parser.push(part);
    left -= part.length;
  }
  // What follows the document, if anything, says that its length was wrong.
  await connection.readEnd();
  return { document: parser.end(), leftOut: parser.leftOut };
}
