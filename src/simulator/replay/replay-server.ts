import { renameSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { BundledServer } from '../../check/bundle/manifest.ts';
import { encodeSnapshotResponse } from '../../protocol/encode-document.ts';
import { openFrame, readHeader } from '../../protocol/frame-reader.ts';
import { FrameSplitter } from '../../protocol/framing.ts';
import { FRAME_BYTES, dialectOfSize } from '../../protocol/layout.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { MESSAGE } from '../../protocol/messages.ts';
import { WholeWrites } from '../whole-writes.ts';

/** What the server said, by the question; to anything else it says nothing. */
interface Memory {
  readonly dialect: Dialect | undefined;
  readonly probe: Buffer;
  readonly answers: ReadonlyMap<string, Buffer>;
}

/** Listens at `path` as a bundle's server did. Gives what ends it. */
export async function startReplayServer(
  path: string,
  server: BundledServer,
  document: Buffer | undefined,
): Promise<() => Promise<void>> {
  if (server.state === 'absent') return () => Promise.resolve();
  const memory = memoryOf(server, document);
  const open = new Set<Socket>();
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    serve(socket, memory);
  });
  if (server.state === 'silent') {
    await leaveBehind(listener, path);
    return () => Promise.resolve();
  }
  await listen(listener, path);
  return async () => {
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  };
}

function listen(listener: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(path, resolve);
  });
}

/** The file of a socket at which nobody listens, as a server leaves it that was killed. */
async function leaveBehind(listener: Server, path: string): Promise<void> {
  await listen(listener, `${path}.new`);
  renameSync(`${path}.new`, path);
  await new Promise((resolve) => listener.close(resolve));
}

function memoryOf({ probe, answers, documentTimestamp }: BundledServer, document: Buffer | undefined): Memory {
  const known = new Map<string, Buffer>(
    answers.map(({ type, device, bytes }) => [`${type} ${device}`, Buffer.from(bytes, 'hex')]),
  );
  if (document !== undefined && documentTimestamp !== undefined) {
    known.set(`${MESSAGE.SNAPSHOT_QUERY} -1`, encodeSnapshotResponse(document, BigInt(documentTimestamp)));
  }
  const bytes = Buffer.from(probe, 'hex');
  return { dialect: dialectOfSize(bytes.length), probe: bytes, answers: known };
}

function serve(socket: Socket, { dialect, probe, answers }: Memory): void {
  if (dialect === undefined) return;
  const splitter = new FrameSplitter(FRAME_BYTES[dialect]);
  const writes = new WholeWrites(socket);
  socket.on('data', (chunk: Buffer) => {
    for (const frame of splitter.push(chunk)) {
      const answer = answers.get(questionOf(dialect, frame)) ?? (dialect === 'A' ? probe : undefined);
      if (answer !== undefined) writes.push(answer);
    }
  });
  socket.on('end', () => {
    // A probe is shorter than a frame of every other dialect.
    if (splitter.pending === FRAME_BYTES.A) writes.push(probe);
    void writes.flush().then(
      () => socket.end(),
      () => socket.destroy(),
    );
  });
}

function questionOf(dialect: Dialect, frame: Buffer): string {
  try {
    const { type, deviceId } = readHeader(openFrame(dialect, frame));
    return `${type} ${deviceId}`;
  } catch {
    return '';
  }
}
