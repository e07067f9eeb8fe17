import { stat } from 'node:fs/promises';
import { KubeletError } from './kubelet-error.ts';

/** sockaddr_un has 108 bytes for the path and its end (unix(7)). */
const MAX_PATH_BYTES = 107;

/** The device and inode of the socket that a path leads to. Connects to nothing. Throws KubeletError. */
export async function checkKubeletSocket(path: string): Promise<string> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new KubeletError(
      'bad_path',
      `${path}: a socket's path has at most ${MAX_PATH_BYTES} bytes: give a shorter one`,
    );
  }
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw statError(path, (error as NodeJS.ErrnoException).code ?? 'unknown error');
  });
  if (!stats.isSocket()) throw new KubeletError('not_a_socket', `${path} is no socket: give the path of the kubelet's`);
  return `${stats.dev}:${stats.ino}`;
}

function statError(path: string, code: string): KubeletError {
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new KubeletError('absent', `${path} is not there: is the kubelet running, and its folder mounted?`);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new KubeletError('denied', `${path} may not be looked at (${code}): the kubelet's folder is root's alone`);
  }
  return new KubeletError('unavailable', `${path} cannot be looked at (${code})`);
}
