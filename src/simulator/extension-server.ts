import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { encodeDeviceInfoResponse, encodeResponse } from '../protocol/answers.ts';
import { encodeSnapshotResponse } from '../protocol/encode-document.ts';
import { EXTENSION_BUFFER_ID } from '../protocol/extension.ts';
import { readHeader, openFrame } from '../protocol/frame-reader.ts';
import { FrameSplitter } from '../protocol/framing.ts';
import { FRAME_BYTES } from '../protocol/layout.ts';
import { ALL_DEVICES, MESSAGE } from '../protocol/messages.ts';
import { allDevicesFields } from './stock-device-info.ts';

/** A server with the extension that knows one document, and answers whatever is asked of it for that. */
export interface ExtensionServer {
  readonly connections: number;
  /** The types of the messages that came, probes apart. */
  readonly asked: readonly number[];
  close(): Promise<void>;
}

export interface ExtensionServerOptions {
  readonly path: string;
  /** The document's bytes, which need not be a good one. */
  readonly document: Buffer;
  /** ns since the Unix epoch. */
  readonly startedAt: bigint;
  /** What is announced. Default: the version of today. */
  readonly bufferId?: bigint;
  /** The whole answer to SNAPSHOT_QUERY, in place of one that is right. */
  readonly answer?: Buffer;
}

const NO_TOTALS = { dram: 0, l1: 0, l1Small: 0, trace: 0, cb: 0, kernel: 0 };

export async function startExtensionServer(options: ExtensionServerOptions): Promise<ExtensionServer> {
  const sockets = new Set<Socket>();
  const asked: number[] = [];
  const counts = { connections: 0 };
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    counts.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    serve(socket, options, asked);
  });
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(options.path, resolve));
  return {
    get connections() {
      return counts.connections;
    },
    asked,
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket, options: ExtensionServerOptions, asked: number[]): void {
  const splitter = new FrameSplitter(FRAME_BYTES.C);
  socket.on('data', (chunk: Buffer) => {
    for (const frame of splitter.push(chunk)) {
      const { type } = readHeader(openFrame('C', frame));
      asked.push(type);
      socket.write(answerTo(type, options));
    }
  });
  socket.on('end', () => {
    // Nothing but a probe is shorter than a frame.
    if (splitter.pending === FRAME_BYTES.A) socket.write(encodeResponse('C', 0, NO_TOTALS));
    socket.end();
  });
}

function answerTo(type: number, options: ExtensionServerOptions): Buffer {
  const { bufferId = EXTENSION_BUFFER_ID, startedAt: timestamp, document } = options;
  if (type === MESSAGE.SNAPSHOT_QUERY) return options.answer ?? encodeSnapshotResponse(document, timestamp);
  return encodeDeviceInfoResponse('C', ALL_DEVICES, allDevicesFields(1), { announcement: { bufferId, timestamp } });
}
