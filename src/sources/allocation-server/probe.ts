import { decodeResponse } from '../../protocol/decode-answers.ts';
import { FRAME_BYTES, dialectOfSize } from '../../protocol/layout.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { ProtocolError } from '../../protocol/protocol-error.ts';
import { encodeProbe } from '../../protocol/requests.ts';
import type { ServerConnection } from './connection.ts';
import { PeerError } from './peer-error.ts';

/**
 * Finds out what the server speaks, on a connection of its own: one request of 72 bytes, the sending side shut, and
 * the number of bytes to the end is the size of its messages. Throws PeerError.
 */
export async function probeDialect(connection: ServerConnection): Promise<Dialect> {
  connection.send(encodeProbe(), FRAME_BYTES.C);
  connection.finish();
  const answer = await connection.readAll(FRAME_BYTES.C);
  if (answer.length === 0) throw new PeerError('closed_early', 'the server closed without an answer to the probe');
  const dialect = dialectOfSize(answer.length);
  if (dialect === undefined) {
    throw new PeerError('unknown_dialect', `the server answered the probe with ${answer.length} bytes, no known size`);
  }
  try {
    decodeResponse(dialect, answer, 0);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new PeerError('garbage', `the answer to the probe is none: ${error.message}`, { cause: error });
  }
  return dialect;
}
