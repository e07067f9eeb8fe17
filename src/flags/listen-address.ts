import { isIP, isIPv6 } from 'node:net';
import { FlagError } from './flag-error.ts';

/** Where an HTTP server listens. `host` undefined: every address of the machine. `text`: as it was given. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string | undefined; readonly port: number; readonly text: string }
  | { readonly kind: 'unix'; readonly path: string; readonly text: string };

/** `host:port`, `:port`, `[::1]:port`, `unix:/path` or a path that ends in `.sock`. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('unix:')) return unixAddress(text.slice('unix:'.length), text);
  if (text.startsWith('/') && text.endsWith('.sock')) return unixAddress(text, text);
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw notAnAddress(text);
  if (bracketed !== undefined) {
    if (!isIPv6(bracketed)) throw notAnAddress(text);
    return { kind: 'tcp', host: bracketed, port, text };
  }
  const host = plain === '' ? undefined : plain;
  if (host !== undefined && isIP(host) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(host)) {
    throw notAnAddress(text);
  }
  return { kind: 'tcp', host, port, text };
}

/** sun_path has 108 bytes with its final zero, see unix(7). */
const MAX_SOCKET_PATH_BYTES = 107;

/** Checks that a path can be that of a Unix socket. */
export function checkSocketPath(path: string): string {
  if (!path.startsWith('/')) throw new FlagError(`"${path}" is not the path of a socket: give an absolute one`);
  if (path.includes('\0') || Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new FlagError(`"${path}" is too long for a socket: at most ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  return path;
}

function unixAddress(path: string, text: string): ListenAddress {
  return { kind: 'unix', path: checkSocketPath(path), text };
}

function notAnAddress(text: string): FlagError {
  return new FlagError(`"${text}" is not an address: give host:port, :port, [ipv6]:port or unix:/path`);
}
