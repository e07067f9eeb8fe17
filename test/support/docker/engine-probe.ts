import { request } from 'node:http';

export const DEFAULT_SOCKET = '/var/run/docker.sock';

const TIMEOUT_MS = 5000;

/** Whether a Docker engine answers at a Unix socket. Throws where this user may not ask it. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const ping = request({ socketPath, path: '/_ping', timeout: TIMEOUT_MS, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') {
        reject(new Error(`${socketPath}: this user may not use the Docker engine: be root, or join its group`));
      } else {
        resolve(false);
      }
    });
    ping.end();
  });
}
