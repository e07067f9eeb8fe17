import type { Duplex } from 'node:stream';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import { encodeSampleTable } from '../samples/codec.ts';
import { encodeFrameHead, FrameDecoder, MAX_OWN_BYTES, MAX_PAGE_BYTES } from './frames.ts';
import type { Frame } from './frames.ts';
import { parseClientMessage, PROTOCOL } from './messages.ts';
import type { ClientMessage, ReaderMessage, StartMessage } from './messages.ts';
import type { PageService } from './page-service.ts';
import type { OwnFamilies } from './types.ts';

/** Pages that one connection may wait for at the same time. */
const MAX_PAGES = 256;
/** The same of tables of samples, which a pull and a push ask for. */
const MAX_TABLES = 64;

export interface SessionOptions {
  /** Of the program. */
  readonly version: string;
  readonly log: Log;
  /**
   * The service, or how to make it of the first message: the one of a reader that was forked. A rejection is told to
   * the other side as a refusal.
   */
  readonly service: PageService | ((start: StartMessage) => Promise<PageService>);
}

/** The reader's side of one connection. */
export class ReaderSession {
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  readonly #stream: Duplex;
  readonly #options: SessionOptions;
  readonly #decoder = new FrameDecoder(MAX_OWN_BYTES);
  #service: PageService | undefined;
  #greeted = false;
  #starting = false;
  /** Takes the own families of each page that is under way. */
  readonly #pages = new Map<number, (own: OwnFamilies) => void>();
  #tables = 0;
  /** Resolves when the last of the large answers is sent. */
  #turn = Promise.resolve();

  constructor(stream: Duplex, options: SessionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      stream.once('close', resolve);
    });
    stream.on('error', (error) => {
      options.log.debug('connection to the exporter lost', { error });
    });
    stream.on('end', () => {
      stream.destroy();
    });
    stream.on('data', (chunk: Uint8Array) => {
      this.#receive(chunk);
    });
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const frame of this.#decoder.push(chunk)) this.#take(parseClientMessage(frame.head), frame);
    } catch (error) {
      this.#options.log.warn('the other side does not speak the reader protocol', { error: errorText(error) });
      this.#stream.destroy();
    }
  }

  #take(message: ClientMessage, frame: Frame): void {
    if (message.type === 'ping') {
      this.#send({ type: 'pong', id: message.id });
    } else if (!this.#greeted) {
      this.#greet(message);
    } else if (message.type === 'start') {
      void this.#start(message);
    } else if (message.type === 'page') {
      void this.#page(message);
    } else if (message.type === 'own') {
      // Of a page that has failed already they come too late.
      this.#pages.get(message.id)?.({ bytes: frame.body, samples: message.samples });
    } else if (message.type === 'samples') {
      void this.#samples(message);
    } else if (message.type === 'reload') {
      void this.#reload(message.id);
    }
  }

  #greet(message: ClientMessage): void {
    const { service, version } = this.#options;
    if (message.type !== 'hello' || message.protocol !== PROTOCOL) {
      const theirs = message.type === 'hello' ? `version ${message.version} (protocol ${message.protocol})` : 'unknown';
      this.#refuse(
        `the reader is version ${version} (protocol ${PROTOCOL}), the exporter ${theirs}: use the same version`,
      );
      return;
    }
    this.#greeted = true;
    if (typeof service !== 'function') this.#open(service);
  }

  async #start(message: StartMessage): Promise<void> {
    const { service } = this.#options;
    if (typeof service !== 'function' || this.#starting) {
      this.#refuse('this reader has its own flags and is not started by others');
      return;
    }
    this.#starting = true;
    try {
      this.#open(await service(message));
    } catch (error) {
      this.#refuse(errorText(error));
    }
  }

  #open(service: PageService): void {
    this.#service = service;
    this.#send({ type: 'hello', protocol: PROTOCOL, version: this.#options.version, collectors: service.collectors });
  }

  async #page(message: Extract<ClientMessage, { type: 'page' }>): Promise<void> {
    const { id, collectors } = message;
    if (this.#service === undefined || this.#pages.size >= MAX_PAGES) {
      this.#send({ type: 'failed', id, message: 'the reader cannot take another request now' });
      return;
    }
    const own = Promise.withResolvers<OwnFamilies>();
    this.#pages.set(id, own.resolve);
    try {
      const request = { ...message, collectors: collectors ?? undefined, own: () => own.promise };
      const answer = await this.#service.page(request);
      await this.#sendInTurn({ type: 'page', id, series: answer.series }, answer.body, answer.sent);
    } catch (error) {
      this.#options.log.error('cannot draw a page', { error: errorText(error) });
      this.#send({ type: 'failed', id, message: errorText(error) });
    } finally {
      this.#pages.delete(id);
    }
  }

  async #samples({ id, timeoutMs }: Extract<ClientMessage, { type: 'samples' }>): Promise<void> {
    if (this.#service === undefined || this.#tables >= MAX_TABLES) {
      this.#send({ type: 'failed', id, message: 'the reader cannot take another request now' });
      return;
    }
    this.#tables++;
    try {
      const table = await this.#service.samples({ timeoutMs });
      await this.#sendInTurn({ type: 'samples', id }, encodeSampleTable(table));
    } catch (error) {
      this.#options.log.error('cannot draw samples', { error: errorText(error) });
      this.#send({ type: 'failed', id, message: errorText(error) });
    } finally {
      this.#tables--;
    }
  }

  async #reload(id: number): Promise<void> {
    const result = (await this.#service?.reload()) ?? { ok: false, message: 'the reader has not started yet' };
    this.#send({ type: 'reloaded', id, ok: result.ok, message: result.ok ? '' : result.message });
  }

  #refuse(message: string): void {
    this.#send({ type: 'refused', message });
    this.#stream.end();
  }

  /**
   * Sends it when what was sent before has left. A crowd is answered in one go, and all of its pages together can be more
   * than the other side takes at a time: they are mostly the same bytes, which wait here as one.
   */
  #sendInTurn(message: ReaderMessage, body: Uint8Array, sent?: () => void): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#stream.writable && this.#stream.writableNeedDrain) await drainOrClose(this.#stream);
      this.#send(message, body, sent);
    });
    return this.#turn;
  }

  #send(message: ReaderMessage, body?: Uint8Array, sent?: () => void): void {
    if (!this.#stream.writable) return;
    if (this.#stream.writableLength > MAX_PAGE_BYTES) {
      this.#options.log.warn('the exporter does not take its answers: connection closed');
      this.#stream.destroy();
      return;
    }
    this.#stream.cork();
    this.#stream.write(encodeFrameHead(message, body?.length));
    if (body !== undefined && body.length > 0) this.#stream.write(body, sent);
    this.#stream.uncork();
  }
}

function drainOrClose(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}
