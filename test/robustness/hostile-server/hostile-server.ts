import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { encodeDeviceInfoResponse, encodeResponse, encodeSnapshotHeader } from '../../../src/protocol/answers.ts';
import { EXTENSION_BUFFER_ID } from '../../../src/protocol/extension.ts';
import { FRAME_BYTES } from '../../../src/protocol/layout.ts';
import { ALL_DEVICES } from '../../../src/protocol/messages.ts';
import { allDevicesFields } from '../../../src/simulator/stock-device-info.ts';

/** What is sent in answer to SNAPSHOT_QUERY, after a header that announces so many bytes. */
export interface Answer {
  readonly announced: number;
  /** Written as fast as they are taken. It is stopped when the connection is over. */
  parts(): Iterable<Buffer> | AsyncIterable<Buffer>;
}

export interface HostileServer {
  /** Answers from now on. */
  answer: Answer;
  readonly connections: number;
  /** Breaks all connections off. */
  endAll(): void;
  close(): Promise<void>;
}

const NO_TOTALS = { dram: 0, l1: 0, l1Small: 0, trace: 0, cb: 0, kernel: 0 };

/** A server that announces the extension, as any process could that has the socket. */
export async function startHostileServer(path: string): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const server = {
    answer: { announced: 0, parts: (): Buffer[] => [] } as Answer,
    get connections() {
      return sockets.size;
    },
    endAll: (): void => {
      for (const socket of sockets) socket.destroy();
    },
    close: async (): Promise<void> => {
      const closed = once(listener, 'close');
      listener.close();
      server.endAll();
      await closed;
    },
  };
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    void serve(socket, () => server.answer);
  }).listen(path);
  await once(listener, 'listening');
  return server;
}

async function serve(socket: Socket, answer: () => Answer): Promise<void> {
  const asked = { bytes: 0, ended: false };
  const more = { told: Promise.withResolvers<undefined>() };
  const tell = (): void => {
    more.told.resolve(undefined);
    more.told = Promise.withResolvers<undefined>();
  };
  socket.on('data', ({ length }) => {
    asked.bytes += length;
    tell();
  });
  socket.on('end', () => {
    asked.ended = true;
    tell();
  });
  socket.on('close', tell);
  while (asked.bytes < FRAME_BYTES.C && !asked.ended && !socket.destroyed) await more.told.promise;
  if (asked.bytes < FRAME_BYTES.C) {
    socket.end(encodeResponse('C', 0, NO_TOTALS));
    return;
  }
  const announcement = { bufferId: EXTENSION_BUFFER_ID, timestamp: 1n };
  socket.write(encodeDeviceInfoResponse('C', ALL_DEVICES, allDevicesFields(1), { announcement }));
  while (asked.bytes < 2 * FRAME_BYTES.C && !asked.ended && !socket.destroyed) await more.told.promise;
  await send(socket, answer());
  socket.end();
}

async function send(socket: Socket, answer: Answer): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(encodeSnapshotHeader(answer.announced, 0n));
  for await (const part of answer.parts()) {
    if (socket.destroyed) return;
    if (!socket.write(part)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
  }
}
