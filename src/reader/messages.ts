import type { CollectorConfig } from '../collect/types.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../log/log.ts';
import type { LogFormat, LogLevel } from '../log/log.ts';
import { ProtocolError } from './frames.ts';
import type { PageFormat } from './types.ts';

/** Raised when a message changes its meaning. The two greetings and the refusal stay readable to every version. */
export const PROTOCOL = 3;

/** First on a connection, from both sides. */
export interface HelloMessage {
  readonly type: 'hello';
  readonly protocol: number;
  /** Of the program. */
  readonly version: string;
}

/** Behind the hello to a reader that was forked: one at a socket has flags of its own and takes none from others. */
export interface StartMessage {
  readonly type: 'start';
  readonly config: CollectorConfig;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** What the HTTP side says. */
export type ClientMessage =
  | HelloMessage
  | StartMessage
  | {
      readonly type: 'page';
      readonly id: number;
      /** null: all that are enabled. */
      readonly collectors: readonly string[] | null;
      readonly format: PageFormat;
      readonly gzip: boolean;
      readonly timeoutMs: number;
    }
  /** Behind each `page`, as soon as they are drawn: its own families, which are the frame's body. */
  | { readonly type: 'own'; readonly id: number; readonly samples: number }
  | { readonly type: 'samples'; readonly id: number; readonly timeoutMs: number }
  | { readonly type: 'reload'; readonly id: number }
  | { readonly type: 'ping'; readonly id: number };

/** What the reader answers. A page is the frame's body, and so is a table of samples. */
export type ReaderMessage =
  | (HelloMessage & { readonly collectors: readonly string[] })
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'page'; readonly id: number; readonly series: number }
  | { readonly type: 'samples'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'reloaded'; readonly id: number; readonly ok: boolean; readonly message: string }
  | { readonly type: 'pong'; readonly id: number };

/** Checks a head that came from the HTTP side. Throws ProtocolError. */
export function parseClientMessage(head: unknown): ClientMessage {
  const fields = new Fields(head);
  const type = fields.text('type');
  switch (type) {
    case 'hello':
      return { type, protocol: fields.count('protocol'), version: fields.text('version') };
    case 'start':
      return {
        type,
        // Both ends are the same program: the process that was forked believes the one that forked it.
        config: fields.object('config') as unknown as CollectorConfig,
        logLevel: fields.word('logLevel', LOG_LEVELS),
        logFormat: fields.word('logFormat', LOG_FORMATS),
      };
    case 'page':
      return {
        type,
        id: fields.count('id'),
        collectors: fields.isNull('collectors') ? null : fields.texts('collectors'),
        format: fields.word('format', ['text', 'openmetrics']),
        gzip: fields.flag('gzip'),
        timeoutMs: fields.number('timeoutMs'),
      };
    case 'own':
      return { type, id: fields.count('id'), samples: fields.count('samples') };
    case 'samples':
      return { type, id: fields.count('id'), timeoutMs: fields.number('timeoutMs') };
    case 'reload':
    case 'ping':
      return { type, id: fields.count('id') };
    default:
      throw new ProtocolError(`unknown message "${type.slice(0, 40)}"`);
  }
}

/** Checks a head that came from a reader. Throws ProtocolError. */
export function parseReaderMessage(head: unknown): ReaderMessage {
  const fields = new Fields(head);
  const type = fields.text('type');
  switch (type) {
    case 'hello': {
      const protocol = fields.count('protocol');
      const collectors = protocol === PROTOCOL ? fields.texts('collectors') : [];
      return { type, protocol, version: fields.text('version'), collectors };
    }
    case 'refused':
      return { type, message: fields.text('message') };
    case 'page':
      return { type, id: fields.count('id'), series: fields.count('series') };
    case 'failed':
      return { type, id: fields.count('id'), message: fields.text('message') };
    case 'reloaded':
      return { type, id: fields.count('id'), ok: fields.flag('ok'), message: fields.text('message') };
    case 'samples':
    case 'pong':
      return { type, id: fields.count('id') };
    default:
      throw new ProtocolError(`unknown message "${type.slice(0, 40)}"`);
  }
}

/** Takes the fields of a head one by one, each checked. */
class Fields {
  readonly #head: object;

  constructor(head: unknown) {
    if (typeof head !== 'object' || head === null) throw new ProtocolError('the head of a frame is not an object');
    this.#head = head;
  }

  text(name: string): string {
    const value = this.#get(name);
    return typeof value === 'string' ? value : this.#bad(name);
  }

  number(name: string): number {
    const value = this.#get(name);
    return typeof value === 'number' ? value : this.#bad(name);
  }

  count(name: string): number {
    const value = this.number(name);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.#bad(name);
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    return typeof value === 'boolean' ? value : this.#bad(name);
  }

  word<const Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.text(name);
    return words.find((word) => word === value) ?? this.#bad(name);
  }

  texts(name: string): string[] {
    const value = this.#get(name);
    if (!Array.isArray(value)) return this.#bad(name);
    return value.map((item: unknown) => (typeof item === 'string' ? item : this.#bad(name)));
  }

  object(name: string): object {
    const value = this.#get(name);
    return typeof value === 'object' && value !== null ? value : this.#bad(name);
  }

  isNull(name: string): boolean {
    return this.#get(name) === null;
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#head, name) ? Reflect.get(this.#head, name) : undefined;
  }

  #bad(name: string): never {
    throw new ProtocolError(`the field "${name}" of a message is not what it should be`);
  }
}
