import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PeerError } from './peer-error.ts';

/** A full queue of connections that are not accepted yet is refused at once (unix(7): EAGAIN), not waited for. */
const RETRY_MILLISECONDS = 25;
const MAX_RETRIES = 20;

/** What is read at a time, always into the same memory: a peer can send faster than garbage is collected. */
const READ_BYTES = 64 * 1024;

/** A socket that gives what it reads to one receiver, and not as a stream. */
export interface ConnectedSocket {
  readonly socket: Socket;
  /** Sets who is given the bytes, which are good until the call is over. Before, they are lost. */
  readonly onBytes: (receive: (bytes: Uint8Array) => void) => void;
}

/** Memory to receive into, of one connection at a time. */
export function receivingMemory(): Buffer {
  return Buffer.allocUnsafeSlow(READ_BYTES);
}

/**
 * A connected socket to which nothing has been sent. Throws PeerError, at the latest when the signal is aborted. `memory`: of
 * no other connection that may still receive.
 */
export async function connectSocket(path: string, signal: AbortSignal, memory: Buffer): Promise<ConnectedSocket> {
  for (let attempt = 0; ; attempt++) {
    const result = await connectOnce(path, signal, memory);
    if (typeof result !== 'string') return result;
    if (result !== 'EAGAIN') throw connectError(path, result);
    await sleep(RETRY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    if (attempt === MAX_RETRIES || signal.aborted) {
      throw new PeerError('busy', `${path}: the server accepts no connections (its queue is full): is it stuck?`);
    }
  }
}

/** The socket, or the code of the error that came instead. */
function connectOnce(path: string, signal: AbortSignal, memory: Buffer): Promise<ConnectedSocket | string> {
  if (signal.aborted) return Promise.resolve('ETIMEDOUT');
  return new Promise((resolve) => {
    let opened: ConnectedSocket;
    try {
      opened = openSocket(path, memory);
    } catch (error) {
      resolve(codeOf(error));
      return;
    }
    const { socket } = opened;
    const giveUp = (): void => {
      settle('ETIMEDOUT');
    };
    const fail = (error: unknown): void => {
      settle(codeOf(error));
    };
    const succeed = (): void => {
      settle(undefined);
    };
    const settle = (code: string | undefined): void => {
      signal.removeEventListener('abort', giveUp);
      socket.off('error', fail).off('connect', succeed);
      if (code === undefined) resolve(opened);
      else {
        socket.on('error', () => undefined).destroy();
        resolve(code);
      }
    };
    signal.addEventListener('abort', giveUp, { once: true });
    socket.on('error', fail).on('connect', succeed);
  });
}

function openSocket(path: string, memory: Buffer): ConnectedSocket {
  let receiver: ((bytes: Uint8Array) => void) | undefined;
  const callback = (count: number, buffer: Uint8Array): boolean => {
    receiver?.(buffer.subarray(0, count));
    return true;
  };
  const onread = { buffer: memory, callback };
  // Half open: the end of the one side must not end the other by itself.
  const socket = createConnection({ path, allowHalfOpen: true, onread });
  return { socket, onBytes: (receive) => (receiver = receive) };
}

function connectError(path: string, code: string): PeerError {
  if (code === 'ECONNREFUSED') {
    return new PeerError(
      'refused',
      `${path}: nobody listens there: start the server, or remove the file it left behind`,
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new PeerError('connect_failed', `${path}: no right to connect (${code}): write permission on it is needed`);
  }
  if (code === 'ENOENT') return new PeerError('socket_replaced', `${path}: the socket has just been removed`);
  if (code === 'ETIMEDOUT') return new PeerError('deadline', `${path}: no connection in time`);
  return new PeerError('connect_failed', `${path}: cannot connect (${code})`);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
