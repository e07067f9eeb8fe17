import { decodeSnapshotHeader } from '../../protocol/decode-answers.ts';
import { DocumentError } from '../../protocol/json-fields.ts';
import { EXTENSION_DIALECT } from '../../protocol/extension.ts';
import { FRAME_BYTES } from '../../protocol/layout.ts';
import { parseDocument } from '../../protocol/parse-document.ts';
import { encodeSnapshotQuery } from '../../protocol/requests.ts';
import { MAX_DOCUMENT_BYTES } from '../../protocol/snapshot-document.ts';
import type { SnapshotDocument } from '../../protocol/snapshot-document.ts';
import type { ServerConnection } from './connection.ts';
import { PeerError } from './peer-error.ts';

/** Asks a server that has announced the extension for everything it knows. Throws PeerError, ProtocolError. */
export async function askForDocument(connection: ServerConnection, answeredBefore: number): Promise<SnapshotDocument> {
  const frame = FRAME_BYTES[EXTENSION_DIALECT];
  connection.send(encodeSnapshotQuery(), frame + MAX_DOCUMENT_BYTES);
  connection.finish();
  const { documentBytes } = decodeSnapshotHeader(await connection.read(frame));
  if (documentBytes > MAX_DOCUMENT_BYTES) {
    const message = `the server's document has ${String(documentBytes)} bytes, where ${MAX_DOCUMENT_BYTES} are the most`;
    throw new PeerError('document_too_large', message);
  }
  connection.correctOwed(answeredBefore + frame + Number(documentBytes));
  const bytes = await connection.read(Number(documentBytes));
  // What follows the document, if anything, says that its length was wrong.
  await connection.readEnd();
  try {
    return parseDocument(bytes);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new PeerError('bad_document', `the server's document: ${error.message}`, { cause: error });
  }
}
