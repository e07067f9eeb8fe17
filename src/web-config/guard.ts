import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import { PasswordCheck, readCredentials } from './basic-auth.ts';
import type { BcryptThread } from './bcrypt-thread.ts';
import { TokenBucket } from './token-bucket.ts';
import type { WebConfig } from './types.ts';

/** Stands before every page, as the toolkit's handler does: the limit first, then the headers, then the password. */
export class Guard {
  readonly #log: Log;
  readonly #passwords: PasswordCheck;
  #config: WebConfig;
  #bucket: TokenBucket | undefined;

  constructor(config: WebConfig, thread: BcryptThread, log: Log) {
    this.#log = log;
    this.#passwords = new PasswordCheck(thread);
    this.#config = config;
    this.#bucket = config.rateLimit && new TokenBucket(config.rateLimit);
  }

  /** From now on. A limit that stays the same keeps its count. */
  use(config: WebConfig): void {
    const { rateLimit } = config;
    const before = this.#config.rateLimit;
    if (rateLimit?.burst !== before?.burst || rateLimit?.intervalMs !== before?.intervalMs) {
      this.#bucket = rateLimit && new TokenBucket(rateLimit);
    }
    this.#config = config;
    this.#passwords.forget();
  }

  /** The same listener, for those who may pass. */
  protect(listener: RequestListener): RequestListener {
    return (request, response) => {
      const { headers, users } = this.#config;
      if (this.#bucket?.take() === false) {
        refuse(response, 429, 'too many requests: rate_limit is reached');
        return;
      }
      for (const [name, value] of headers) response.setHeader(name, value);
      if (users.size === 0) listener(request, response);
      else void this.#authenticate(users, request, response, listener);
    };
  }

  async #authenticate(
    users: ReadonlyMap<string, string>,
    request: IncomingMessage,
    response: ServerResponse,
    listener: RequestListener,
  ): Promise<void> {
    const credentials = readCredentials(request.headers.authorization);
    let passes: boolean | undefined = false;
    try {
      if (credentials !== undefined) {
        passes = await this.#passwords.verify(users, credentials, () => !response.destroyed);
      }
    } catch (error) {
      this.#log.error('cannot check a password', { error: errorText(error) });
      passes = undefined;
    }
    if (response.destroyed) return;
    if (passes === true) listener(request, response);
    else if (passes === undefined) refuse(response, 503, 'passwords cannot be checked now: try again later');
    else {
      response.setHeader('WWW-Authenticate', 'Basic realm="tenstorrent-exporter"');
      refuse(response, 401, 'a user and a password are needed');
    }
  }
}

function refuse(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.end(`${line}\n`);
}
