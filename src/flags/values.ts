import { FlagError } from './flag-error.ts';
import { checkSocketPath } from './listen-address.ts';

/** Where the reading happens: see the flag `--reader`. */
export type ReaderChoice =
  { readonly kind: 'fork' } | { readonly kind: 'inline' } | { readonly kind: 'unix'; readonly path: string };

/** `fork`, `inline` or `unix:/path`. */
export function parseReaderChoice(text: string): ReaderChoice {
  if (text === 'fork' || text === 'inline') return { kind: text };
  if (text.startsWith('unix:')) return { kind: 'unix', path: checkSocketPath(text.slice('unix:'.length)) };
  throw new FlagError(`"${text}" is not a reader: give fork, inline or unix:/path`);
}

/** Where a reader listens: a socket's path, or a descriptor that it inherited connected. */
export type ReaderListen =
  { readonly kind: 'unix'; readonly path: string } | { readonly kind: 'descriptor'; readonly fd: number };

/** `/path`, `unix:/path` or `fd:N`. */
export function parseReaderListen(text: string): ReaderListen {
  const [, fd] = /^fd:(\d{1,4})$/.exec(text) ?? [];
  if (fd !== undefined) return { kind: 'descriptor', fd: Number(fd) };
  return { kind: 'unix', path: checkSocketPath(text.startsWith('unix:') ? text.slice('unix:'.length) : text) };
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds as a number, or a duration as Go spells it (`500ms`, `1m30s`). Gives seconds. */
export function parseSeconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    throw new FlagError(`"${text}" is not a duration: give seconds, as in 0.5, or 500ms, 1m30s`);
  }
  let seconds = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    seconds += Number(number) * (UNIT_SECONDS[unit ?? ''] ?? NaN);
  }
  return seconds;
}

/** The same, of more than 0 and of less than a day. */
export function parsePositiveSeconds(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds < 0.1 || seconds > 86_400) throw new FlagError(`"${text}" is not between 0.1 s and a day`);
  return seconds;
}

/** A chip's name: `0`, `1R`, `0x…`. */
export function parseDevice(text: string): string {
  if (!/^[A-Za-z0-9]{1,32}$/.test(text)) {
    throw new FlagError(`"${text}" is not the name of a chip: give one as smi shows it, as in 0 or 1R`);
  }
  return text;
}

/** Of a page: `http://host:10072/metrics`; `host:10072` will do. */
export function parseUrl(text: string): URL {
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`);
  if (url === null) throw new FlagError(`"${text}" is not a URL: give one as in http://host:10072`);
  return url;
}

/** A whole number of 0 or more. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw new FlagError(`"${text}" is not a whole number of 0 or more`);
  }
  return count;
}

/** The path of a file, folder or socket; need not be there. */
export function parsePath(text: string): string {
  if (text === '' || text.includes('\0')) throw new FlagError('an empty path cannot be read: leave the flag out');
  return text;
}

/** A user by name or number; whether there is one is seen when the socket's owner is compared. */
export function parseUser(text: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(text)) {
    throw new FlagError(`"${text}" is not a user: give a name or a number`);
  }
  return text;
}

const RESERVED_PATHS = ['/-/healthy', '/-/ready'];

/** The path of a page of the HTTP server. */
export function parseUrlPath(text: string): string {
  if (!/^\/[A-Za-z0-9._~!$&'()*+,;=:@/-]*$/.test(text)) {
    throw new FlagError(
      `"${text}" is not the path of a page: give one as /metrics, of letters, digits and -._~!$&'()*+,;=:@/`,
    );
  }
  if (RESERVED_PATHS.includes(text)) throw new FlagError(`"${text}" is taken by the health checks: give another path`);
  return text;
}

/** A parser of one of the given words. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new FlagError(`"${text}" is not one of ${words.join(', ')}`);
    return word;
  };
}
