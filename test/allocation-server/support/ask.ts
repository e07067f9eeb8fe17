import { createConnection } from 'node:net';
import type { SnapshotDocument } from '../../../src/protocol/snapshot-document.ts';
import type { Response } from '../../../src/protocol/decode-answers.ts';
import { decodeResponse } from '../../../src/protocol/decode-answers.ts';
import { FRAME_BYTES } from '../../../src/protocol/layout.ts';
import type { Dialect } from '../../../src/protocol/layout.ts';
import { parseDocument } from '../../support/parse-document.ts';
import { encodeQuery, encodeSnapshotQuery } from '../../../src/protocol/requests.ts';

/** Sends these bytes on a connection of its own, shuts the sending side, and gives all that comes back. */
export async function ask(path: string, request: Buffer): Promise<Buffer> {
  const socket = createConnection({ path, allowHalfOpen: true });
  socket.end(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What a stock monitor of that dialect is told of a device. */
export async function totals(path: string, dialect: Dialect = 'C', device = 0): Promise<Response> {
  return decodeResponse(dialect, await ask(path, encodeQuery(dialect, device)), device);
}

export async function snapshot(path: string): Promise<SnapshotDocument> {
  return parseDocument((await ask(path, encodeSnapshotQuery())).subarray(FRAME_BYTES.C));
}
