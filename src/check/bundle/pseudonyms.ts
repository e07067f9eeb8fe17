import { createHmac, randomBytes } from 'node:crypto';

/** What a name is of. The same text as another kind has another pseudonym. */
export type NameKind = 'process' | 'pod' | 'namespace' | 'container' | 'group' | 'user';

/** A process's name has room for 15 bytes: linux, TASK_COMM_LEN. */
const DIGITS = 8;

/**
 * Names that stand for the real ones: the same for the same, so that what belongs together still does. The key is made
 * for one bundle and kept nowhere, so that nobody can try names out, nor compare two bundles.
 */
export class Pseudonyms {
  readonly #key: Buffer;
  readonly #given = new Map<string, string>();
  readonly #counts = new Map<string, Set<string>>();

  constructor(key: Buffer = randomBytes(32)) {
    this.#key = key;
  }

  /** `process-…`, cut to what a process's name has room for; '' stays. */
  name(kind: NameKind, text: string): string {
    if (text === '') return '';
    const word = kind === 'process' ? 'proc' : kind;
    return this.#give(kind, text, `${word}-${this.digits(kind, text, DIGITS)}`);
  }

  /** A systemd unit, whose kind stays. */
  unit(unit: string): string {
    if (unit === '') return '';
    const suffix = /\.[a-z]+$/.exec(unit)?.[0] ?? '';
    return this.#give('unit', unit, `unit-${this.digits('unit', unit, DIGITS)}${suffix}`);
  }

  /** A container's id of 64 digits, or the first of them: the same beginning for the same beginning. */
  containerId(id: string): string {
    if (id === '') return '';
    const begin = id.slice(0, 12);
    const pseudonym = `${this.digits('container id', begin, 12)}${this.digits('container id', id, 52)}`;
    return this.#give('container id', id, pseudonym.slice(0, Math.max(12, id.length)));
  }

  /** A pod's UID, of either form. */
  podUid(uid: string): string {
    if (uid === '') return '';
    const digits = this.digits('pod uid', uid, 32);
    if (!uid.includes('-')) return this.#give('pod uid', uid, digits);
    const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(digits)?.slice(1) ?? [];
    return this.#give('pod uid', uid, parts.join('-'));
  }

  /** Hexadecimal digits, at most 64. */
  digits(kind: string, text: string, count: number): string {
    return this.bytes(kind, text).toString('hex').slice(0, count);
  }

  bytes(kind: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${kind}\0${text}`).digest();
  }

  /** Notes that a text was replaced otherwise. */
  note(kind: string, text: string, pseudonym: string): string {
    return this.#give(kind, text, pseudonym);
  }

  /** Pseudonyms by what they stand for: never to be written anywhere. */
  get given(): ReadonlyMap<string, string> {
    return this.#given;
  }

  /** How many different ones of each kind were replaced. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [kind, texts] of this.#counts) counts[kind] = texts.size;
    return counts;
  }

  #give(kind: string, text: string, pseudonym: string): string {
    this.#given.set(text, pseudonym);
    let texts = this.#counts.get(kind);
    if (texts === undefined) this.#counts.set(kind, (texts = new Set()));
    texts.add(text);
    return pseudonym;
  }
}
