import { chmodSync, chownSync } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Server } from 'node:net';
import { groupNumber } from '../io/group-number.ts';

/** Who may connect to a socket. */
export interface SocketAccess {
  readonly mode: number;
  /** By name or number; undefined: that of the process. */
  readonly group: string | undefined;
}

const OWNER_AND_GROUP: SocketAccess = { mode: 0o660, group: undefined };
const OWNER_ONLY = 0o600;

/**
 * Listens at a path, for owner and group unless `access` says otherwise. A socket that nobody answers any more is
 * replaced; one that somebody answers, or another kind of file, is an error that says what to do. Node removes the socket
 * when the server is closed.
 */
export async function listenUnix(server: Server, path: string, access = OWNER_AND_GROUP): Promise<void> {
  const group = access.group === undefined ? undefined : knownGroup(path, access.group);
  await removeStaleSocket(path);
  const listening = Promise.withResolvers<undefined>();
  const onError = (error: Error): void => {
    listening.reject(new Error(`cannot listen at ${path}: ${error.message}`, { cause: error }));
  };
  server.once('error', onError);
  server.once('listening', () => {
    listening.resolve(undefined);
  });
  // bind() happens within the call: the socket is never open to more than it is meant for, nor to another group.
  const before = process.umask(0o777 & ~(group === undefined ? access.mode : OWNER_ONLY));
  try {
    server.listen({ path });
  } finally {
    process.umask(before);
  }
  await listening.promise;
  server.off('error', onError);
  if (group !== undefined) giveToGroup(server, path, access.mode, group);
}

function knownGroup(path: string, group: string): number {
  const id = groupNumber(group);
  if (id === undefined) throw new Error(`cannot listen at ${path}: there is no group "${group}" in /etc/group`);
  return id;
}

function giveToGroup(server: Server, path: string, mode: number, group: number): void {
  try {
    chownSync(path, -1, group);
    chmodSync(path, mode);
  } catch (cause) {
    server.close();
    throw new Error(`cannot give ${path} to the group ${group}: run as a member of it, or leave out --socket.group`, {
      cause,
    });
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new Error(`cannot listen at ${path}: there is a file that is not a socket; remove it`);
  if (await isAnswered(path)) {
    throw new Error(`cannot listen at ${path}: another program answers there; stop it or choose another path`);
  }
  await unlink(path).catch((cause: unknown) => {
    throw new Error(`cannot replace the old socket ${path}: remove it`, { cause });
  });
}

/** Whether somebody listens. When in doubt (no right to connect) somebody does. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
