import { lstat, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Server } from 'node:net';

/** Owner and group may connect. */
const SOCKET_UMASK = 0o117;

/**
 * Listens at a path with mode 0660. A socket that nobody answers any more is replaced; one that somebody answers, or
 * another kind of file, is an error that says what to do. Node removes the socket when the server is closed.
 */
export async function listenUnix(server: Server, path: string): Promise<void> {
  await removeStaleSocket(path);
  const listening = Promise.withResolvers<undefined>();
  const onError = (error: Error): void => {
    listening.reject(new Error(`cannot listen at ${path}: ${error.message}`, { cause: error }));
  };
  server.once('error', onError);
  server.once('listening', () => {
    listening.resolve(undefined);
  });
  // bind() happens within the call: the socket never has another mode.
  const before = process.umask(SOCKET_UMASK);
  try {
    server.listen({ path });
  } finally {
    process.umask(before);
  }
  await listening.promise;
  server.off('error', onError);
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
