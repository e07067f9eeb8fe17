import { chmodSync, chownSync, lstatSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { errnoOf, errorCode } from '../../io/error-code.ts';
import { groupNumber } from '../../io/group-number.ts';

/** Connections that the kernel keeps waiting for accept(2), at most net.core.somaxconn. */
export const BACKLOG = 4096;

/** The socket cannot be made. The message is for the operator. */
export class SocketError extends Error {
  override readonly name = 'SocketError';
}

export interface SocketPlace {
  readonly path: string;
  readonly mode: number;
  /** By name or number. */
  readonly group: string | undefined;
}

/** A socket's file, known by what it is: another server may put its own at the same path. */
export interface SocketFile {
  /** Removes it if it is still this one. */
  remove(): void;
  /** Whether the path leads to it. */
  isThere(): boolean;
}

/**
 * Listens at a path: never in place of a live server, and in place of one that is gone. The socket is made beside it and
 * moved there with its mode and group, so that nobody meets it half made. Throws SocketError.
 */
export async function listenAtPath(server: Server, place: SocketPlace): Promise<SocketFile> {
  await refuseIfTaken(place.path);
  const made = join(dirname(place.path), `.tt-${process.pid}`);
  rmSync(made, { force: true });
  await listen(server, made, place.path);
  try {
    chmodSync(made, place.mode);
    if (place.group !== undefined) chownSync(made, -1, knownGroup(place.group));
    const { dev, ino } = lstatSync(made);
    renameSync(made, place.path);
    return socketFile(place.path, dev, ino);
  } catch (error) {
    rmSync(made, { force: true });
    server.close();
    throw asSocketError(place.path, error);
  }
}

async function refuseIfTaken(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new SocketError(`${path} is there and is no socket: remove it, or give --socket.path`);
  const code = await tryToConnect(path);
  if (code === undefined) {
    throw new SocketError(`another server answers at ${path}: stop it, or give --socket.path`);
  }
  if (code !== 'ECONNREFUSED' && code !== 'ENOENT') {
    throw new SocketError(`whether a server answers at ${path} cannot be told: ${code}`);
  }
}

/** The error's code; undefined where somebody listens. */
async function tryToConnect(path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = createConnection({ path });
  socket.once('connect', () => {
    resolve(undefined);
  });
  socket.once('error', (error) => {
    // A server whose queue is full is a live one.
    const code = errorCode(errnoOf(error));
    resolve(code === 'EAGAIN' ? undefined : code);
  });
  const code = await promise;
  socket.destroy();
  return code;
}

async function listen(server: Server, made: string, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen({ path: made, backlog: BACKLOG }, () => {
    resolve(undefined);
  });
  try {
    await promise;
  } catch (error) {
    throw asSocketError(path, error);
  } finally {
    server.off('error', reject);
  }
}

function socketFile(path: string, dev: number, ino: number): SocketFile {
  const isThere = (): boolean => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.dev === dev && stats.ino === ino;
  };
  return {
    isThere,
    remove: () => {
      if (isThere()) rmSync(path, { force: true });
    },
  };
}

function knownGroup(group: string): number {
  const id = groupNumber(group);
  if (id === undefined) throw new SocketError(`there is no group "${group}" in /etc/group`);
  return id;
}

function asSocketError(path: string, error: unknown): SocketError {
  if (error instanceof SocketError) return error;
  const why = `${errorCode(errnoOf(error))}; is its folder there, and may this user write to it?`;
  return new SocketError(`cannot listen at ${path}: ${why}`, { cause: error });
}
