import { renameSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server as SocketServer, Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServiceError, status, UntypedHandleCall } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { MethodDefinition } from '@grpc/proto-loader';
import { tempFolder } from './temp-path.ts';

/** What the kubelet answers: a message as the .proto has it, bytes in its place, an error, or nothing at all. */
export type Answer =
  | { readonly message: object }
  | { readonly bytes: Uint8Array }
  | { readonly code: status; readonly details: string }
  | { readonly silence: true };

export interface FakeKubelet {
  readonly path: string;
  readonly questions: () => number;
  stop(): void;
}

const PROTO = fileURLToPath(new URL('./podresources.proto', import.meta.url));
const LIST = listMethod();

function listMethod(): MethodDefinition<object, object> {
  const service = loadSync(PROTO, { keepCase: true })['v1.PodResourcesLister'];
  const method = (service as Readonly<Record<string, MethodDefinition<object, object>>> | undefined)?.['List'];
  if (method === undefined) throw new Error('no List in the .proto');
  return method;
}

/** The bytes of an answer. */
export function encodeAnswer(message: object): Buffer {
  return LIST.responseSerialize(message);
}

/** A gRPC server on a Unix socket with the PodResources API, or with none; it answers what it is told to. */
export async function startKubelet(
  t: TestContext,
  { path = join(tempFolder(t), 'kubelet.sock'), answer }: { path?: string; answer: (() => Answer) | undefined },
): Promise<FakeKubelet> {
  const server = new Server();
  let questions = 0;
  const list: UntypedHandleCall = (
    _call: unknown,
    callback: (error: Partial<ServiceError> | null, value?: Answer) => void,
  ) => {
    questions++;
    const given: Answer = answer?.() ?? { silence: true };
    if ('code' in given) callback({ code: given.code, details: given.details });
    else if (!('silence' in given)) callback(null, given);
  };
  if (answer !== undefined) {
    const responseSerialize = (value: Answer): Buffer =>
      'bytes' in value ? Buffer.from(value.bytes) : encodeAnswer('message' in value ? value.message : {});
    server.addService({ List: { ...LIST, responseSerialize } }, { List: list });
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  const stop = (): void => {
    server.forceShutdown();
  };
  t.after(stop);
  return { path, questions: () => questions, stop };
}

export interface FakeSocket {
  readonly path: string;
  /** Connections that came so far. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

/** A Unix socket behind which there is no gRPC: each connection is given to a function. */
export async function startSocket(t: TestContext, onConnection: (socket: Socket) => void): Promise<FakeSocket> {
  const path = join(tempFolder(t), 'kubelet.sock');
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: SocketServer = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stop = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  };
  t.after(stop);
  return { path, connections: () => connections, stop };
}

/** A socket's file that a dead server has left behind. */
export async function deadSocket(t: TestContext): Promise<string> {
  const socket = await startSocket(t, () => undefined);
  const path = `${socket.path}.dead`;
  renameSync(socket.path, path);
  await socket.stop();
  return path;
}
