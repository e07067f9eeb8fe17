import { createServer as createHttpServer } from '../http/node-http.ts';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as HttpsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import { BcryptThread } from './bcrypt-thread.ts';
import { clientRefusal } from './client-certificate.ts';
import { Guard } from './guard.ts';
import { loadWebConfig } from './load.ts';
import type { LoadedWebConfig } from './load.ts';
import { SettledChange } from './settled-change.ts';
import type { TlsConfig } from './types.ts';

export interface WebSecurityOptions {
  readonly file: string;
  readonly log: Log;
  /** Told after every time that a changed file was read. */
  readonly onReload: (successful: boolean) => void;
  /** How often the files are looked at; 1 s. */
  readonly pollMs?: number;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Reads the file and begins to watch it. Rejects with WebConfigError. */
export async function openWebSecurity(options: WebSecurityOptions): Promise<WebSecurity> {
  return new WebSecurity(options, await loadWebConfig(options.file));
}

/** What `--web.config.file` asks for, kept in step with the files; what cannot be read leaves the last good one. */
export class WebSecurity {
  readonly #options: WebSecurityOptions;
  readonly #thread = new BcryptThread();
  readonly #guard: Guard;
  readonly #servers: HttpsServer[] = [];
  readonly #change: SettledChange;
  readonly #timer: NodeJS.Timeout;
  #loaded: LoadedWebConfig;
  /** A bad one is tried again: it may be mended by a file that is not known yet. */
  #failing = false;
  #looking = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WebSecurityOptions, loaded: LoadedWebConfig) {
    this.#options = options;
    this.#loaded = loaded;
    this.#change = new SettledChange(loaded.files);
    this.#guard = new Guard(loaded.config, this.#thread, options.log);
    this.#timer = setInterval(() => void this.#look(), options.pollMs ?? 1000).unref();
  }

  get scheme(): 'http' | 'https' {
    return this.#loaded.tls === undefined ? 'http' : 'https';
  }

  /** A server that answers only who may be answered. */
  createServer(options: ServerOptions, listener: RequestListener): Server {
    const guarded = this.#guard.protect(listener);
    const { tls, config } = this.#loaded;
    if (tls === undefined || config.tls === undefined) return createHttpServer(options, guarded);
    const server = createHttpsServer({ ...options, ...tls, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, guarded);
    askForCertificates(server, config.tls);
    // Before the HTTP parser has the connection.
    server.prependListener('secureConnection', (socket) => {
      this.#admit(socket);
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
      this.#options.log.debug('a client could not connect', { error: error.code ?? error.message });
    });
    this.#servers.push(server);
    return server;
  }

  /** Reads the files now. Gives what is wrong, in one line; undefined: nothing. */
  reload(): Promise<string | undefined> {
    const turn = this.#turn.then(async () => {
      const problem = await this.#reload();
      this.#failing = problem !== undefined;
      return problem;
    });
    this.#turn = turn;
    return turn;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread.close();
  }

  #admit(socket: TLSSocket): void {
    const { tls } = this.#loaded.config;
    const refusal = tls === undefined ? undefined : clientRefusal(socket, tls);
    if (refusal === undefined) return;
    this.#options.log.warn('a client is refused by its certificate', { error: refusal });
    socket.destroy();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const state = await this.#change.look();
    if (state === 'changed' || (state === 'same' && this.#failing)) await this.#readAgain();
    this.#looking = false;
  }

  async #readAgain(): Promise<void> {
    const problem = await this.reload();
    this.#options.onReload(problem === undefined);
    if (problem === undefined) this.#options.log.info('web configuration read again');
    else this.#options.log.error('web configuration not taken: the last good one stays', { error: problem });
  }

  async #reload(): Promise<string | undefined> {
    try {
      const loaded = await loadWebConfig(this.#options.file);
      if ((loaded.tls === undefined) !== (this.#loaded.tls === undefined)) {
        return `${this.#options.file}: TLS can be switched on and off by a restart only`;
      }
      this.#loaded = loaded;
      this.#change.use(loaded.files);
      this.#guard.use(loaded.config);
      for (const server of this.#servers) {
        if (loaded.tls === undefined || loaded.config.tls === undefined) continue;
        server.setSecureContext(loaded.tls);
        askForCertificates(server, loaded.config.tls);
      }
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  }
}

/**
 * Node reads these two at every connection, and has no call to change them. Where they had no effect, clientRefusal
 * would refuse everybody whom a certificate is asked of. Who is refused is decided there too, by the policy of then.
 */
function askForCertificates(server: HttpsServer, { clientAuth }: TlsConfig): void {
  Object.assign(server, { requestCert: clientAuth !== 'NoClientCert', rejectUnauthorized: false });
}
