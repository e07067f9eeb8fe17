import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';
import type { ListenAddress } from '../flags/listen-address.ts';
import { listenUnix } from '../reader/listen-unix.ts';

/** An address at which a server really listens. */
export interface BoundAddress {
  /** `[::]:10072`, `127.0.0.1:41233` or the path of a socket. */
  readonly text: string;
  /** Where a client on this host reaches it; undefined for a Unix socket. */
  readonly url: string | undefined;
}

/** Rejects with one line that says what to do. */
export async function listen(
  server: Server,
  address: ListenAddress,
  scheme: 'http' | 'https' = 'http',
): Promise<BoundAddress> {
  if (address.kind === 'unix') {
    await listenUnix(server, address.path);
    return { text: address.path, url: undefined };
  }
  const { host, port } = address;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(new Error(`cannot listen at ${address.text}: ${advice(error)}`));
    };
    server.once('error', onError);
    server.listen(host === undefined ? { port } : { port, host }, () => {
      server.off('error', onError);
      resolve();
    });
  });
  return boundAddress(server, scheme);
}

function boundAddress(server: Server, scheme: string): BoundAddress {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return { text: String(bound), url: undefined };
  const { address, port } = bound;
  const host = (name: string): string => (isIPv6(name) ? `[${name}]` : name);
  const reached = address === '::' || address === '0.0.0.0' ? '127.0.0.1' : address;
  return { text: `${host(address)}:${port}`, url: `${scheme}://${host(reached)}:${port}` };
}

function advice(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program listens there; stop it or choose another --web.listen-address';
    case 'EACCES':
      return 'not allowed; choose a port of 1024 or more with --web.listen-address';
    case 'EADDRNOTAVAIL':
      return 'this host has no such address; choose another --web.listen-address';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no host of this name; choose another --web.listen-address';
    default:
      return error.message;
  }
}
