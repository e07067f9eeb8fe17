import type { Duplex } from 'node:stream';
import type { ReloadResult } from '../collect/types.ts';
import { decodeSampleTable } from '../samples/codec.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { encodeFrameHead, FrameDecoder, MAX_PAGE_BYTES } from './frames.ts';
import type { Frame } from './frames.ts';
import { parseReaderMessage, PROTOCOL } from './messages.ts';
import type { ClientMessage, ReaderMessage, StartMessage } from './messages.ts';
import { ReaderRefused } from './types.ts';
import type { PageAnswer, PageRequest, SamplesRequest } from './types.ts';

/** How long after its deadline an answer may come: drawing, compressing and sending take their time. */
export const GRACE_MS = 250;
const RELOAD_TIMEOUT_MS = 10_000;

export interface ConnectionOptions {
  /** Of the program. */
  readonly version: string;
  /** Sent behind the hello. */
  readonly start: StartMessage | undefined;
  readonly onHello: () => void;
  /** Called once. ReaderRefused where the reader said so. */
  readonly onClose: (reason: Error) => void;
}

interface Answer {
  readonly message: ReaderMessage;
  readonly body: Uint8Array;
}

interface Question {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

/** The HTTP side of one connection to a reader. */
export class ReaderConnection {
  readonly #stream: Duplex;
  readonly #options: ConnectionOptions;
  readonly #decoder = new FrameDecoder(MAX_PAGE_BYTES);
  readonly #questions = new Map<number, Question>();
  #nextId = 1;
  #closed = false;
  #collectors: readonly string[] | undefined;
  #unanswered = 0;

  constructor(stream: Duplex, options: ConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('data', (chunk: Uint8Array) => {
      this.#receive(chunk);
    });
    stream.on('error', (error) => {
      this.close(error);
    });
    for (const end of ['end', 'close']) {
      stream.on(end, () => {
        this.close(new Error('the reader ended'));
      });
    }
    this.#send({ type: 'hello', protocol: PROTOCOL, version: options.version });
    if (options.start !== undefined) this.#send(options.start);
  }

  /** The reader's collectors; undefined until it has said hello. */
  get collectors(): readonly string[] | undefined {
    return this.#collectors;
  }

  /** Pings since anything came from the reader. */
  get unansweredPings(): number {
    return this.#unanswered;
  }

  ping(): void {
    this.#unanswered++;
    this.#send({ type: 'ping', id: this.#nextId++ });
  }

  async page(request: PageRequest, signal: AbortSignal): Promise<PageAnswer> {
    const { format, gzip, timeoutMs } = request;
    const collectors = request.collectors ?? null;
    const id = this.#nextId++;
    const asked = this.#ask({ type: 'page', id, collectors, format, gzip, timeoutMs }, timeoutMs + GRACE_MS, signal);
    const [{ message, body }] = await Promise.all([asked, this.#sendOwn(id, request)]);
    if (message.type === 'page') return { body, series: message.series };
    throw new Error(message.type === 'failed' ? message.message : 'the reader gave an answer to another question');
  }

  async samples({ timeoutMs }: SamplesRequest, signal: AbortSignal): Promise<SampleTable> {
    const id = this.#nextId++;
    const { message, body } = await this.#ask({ type: 'samples', id, timeoutMs }, timeoutMs + GRACE_MS, signal);
    if (message.type === 'samples') return decodeSampleTable(body);
    throw new Error(message.type === 'failed' ? message.message : 'the reader gave an answer to another question');
  }

  async reload(): Promise<ReloadResult> {
    const { signal } = new AbortController();
    const id = this.#nextId++;
    const { message } = await this.#ask({ type: 'reload', id }, RELOAD_TIMEOUT_MS, signal);
    if (message.type === 'reloaded') return message.ok ? { ok: true } : { ok: false, message: message.message };
    throw new Error('the reader gave an answer to another question');
  }

  /** Ends the connection; whoever still waits is told the reason. */
  close(reason: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.destroy();
    for (const question of this.#questions.values()) question.reject(reason);
    this.#questions.clear();
    this.#options.onClose(reason);
  }

  /** Behind each page that was asked for, even if nobody waits for it any more: the reader does. */
  async #sendOwn(id: number, { own }: PageRequest): Promise<void> {
    if (!this.#questions.has(id)) return;
    const { bytes, samples } = await own();
    this.#send({ type: 'own', id, samples }, bytes);
  }

  #ask(message: Extract<ClientMessage, { id: number }>, waitMs: number, signal: AbortSignal): Promise<Answer> {
    const { id } = message;
    return new Promise<Answer>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#questions.delete(id);
      };
      const fail = (reason: Error): void => {
        settle();
        reject(reason);
      };
      const onAbort = (): void => {
        fail(abortReason(signal));
      };
      const timer = setTimeout(() => {
        fail(new Error(`the reader did not answer within ${(waitMs / 1000).toFixed(2)} s`));
      }, waitMs);
      const answered = (answer: Answer): void => {
        settle();
        resolve(answer);
      };
      if (this.#closed) {
        fail(new Error('the reader ended'));
      } else if (signal.aborted) {
        onAbort();
      } else {
        signal.addEventListener('abort', onAbort);
        this.#questions.set(id, { resolve: answered, reject: fail });
        this.#send(message);
      }
    });
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const frame of this.#decoder.push(chunk)) this.#take(frame);
    } catch (error) {
      this.close(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take(frame: Frame): void {
    const message = parseReaderMessage(frame.head);
    this.#unanswered = 0;
    if (message.type === 'refused') {
      this.close(new ReaderRefused(message.message));
    } else if (message.type === 'hello') {
      this.#greeted(message);
    } else if (message.type !== 'pong') {
      // An answer that nobody waits for any more comes too late: it is dropped.
      this.#questions.get(message.id)?.resolve({ message, body: frame.body });
    }
  }

  #greeted(message: Extract<ReaderMessage, { type: 'hello' }>): void {
    if (message.protocol !== PROTOCOL) {
      const { version } = this.#options;
      const mine = `the exporter version ${version} (protocol ${PROTOCOL})`;
      const theirs = `the reader is version ${message.version} (protocol ${message.protocol})`;
      this.close(new ReaderRefused(`${theirs}, ${mine}: use the same version`));
      return;
    }
    this.#collectors = message.collectors;
    this.#options.onHello();
  }

  #send(message: ClientMessage, body?: Uint8Array): void {
    if (!this.#stream.writable) return;
    this.#stream.cork();
    this.#stream.write(encodeFrameHead(message, body?.length));
    if (body !== undefined && body.length > 0) this.#stream.write(body);
    this.#stream.uncork();
  }
}

/** Why a signal was aborted, as an Error. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('nobody waits for the answer any more');
}
