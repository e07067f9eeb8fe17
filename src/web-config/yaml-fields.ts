import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node } from 'yaml';
import { WebConfigError } from './types.ts';

/** A key of the file and its value. */
export interface Field {
  readonly key: string;
  readonly node: Node;
  readonly value: Node | null;
}

/** Reads a YAML file by its nodes, so that every error has a line. Messages quote no value: it may be a secret. */
export class YamlFields {
  readonly root: Node | null;
  readonly #file: string;
  readonly #lines = new LineCounter();

  /** Throws WebConfigError where the text is not YAML, or a key is there twice. */
  constructor(text: string, file: string) {
    this.#file = file;
    // "failsafe": every scalar is the text that was written. Pretty errors would quote the line.
    const document = parseDocument(text, { schema: 'failsafe', lineCounter: this.#lines, prettyErrors: false });
    const [problem] = document.errors;
    if (problem !== undefined) this.failAt(this.#lines.linePos(problem.pos[0]).line, plainReason(problem.code));
    this.root = document.contents;
  }

  failAt(line: number, message: string): never {
    throw new WebConfigError(`${this.#file}:${line}: ${message}`);
  }

  fail(node: Node, message: string): never {
    this.failAt(this.line(node), message);
  }

  line(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line;
  }

  /** The keys of a map; nothing at all is a map without any. */
  fields(node: Node | null, what: string): Field[] {
    if (isEmpty(node)) return [];
    if (!isMap(node)) this.fail(node, `${what} must be a map`);
    return node.items.map(({ key, value }) => {
      if (!isScalar(key) || typeof key.value !== 'string') this.failAt(1, `a key of ${what} must be text`);
      return { key: key.value, node: key, value: value as Node | null };
    });
  }

  /** The same, where only these keys may be. */
  known<const Key extends string>(node: Node | null, what: string, keys: readonly Key[]): ReadonlyMap<Key, Field> {
    const found = new Map<Key, Field>();
    for (const field of this.fields(node, what)) {
      const key = keys.find((candidate) => candidate === field.key);
      if (key === undefined) {
        this.fail(field.node, `unknown field "${field.key}" in ${what}: there is ${keys.join(', ')}`);
      }
      found.set(key, field);
    }
    return found;
  }

  /** '' where nothing is written. */
  text({ key, node, value }: Field): string {
    if (isEmpty(value)) return '';
    if (!isScalar(value) || typeof value.value !== 'string') this.fail(node, `${key} must be text`);
    return value.value;
  }

  texts({ key, node, value }: Field): { readonly text: string; readonly node: Node }[] {
    if (isEmpty(value)) return [];
    if (!isSeq(value)) this.fail(node, `${key} must be a list`);
    return value.items.map((item) => {
      if (!isScalar(item) || typeof item.value !== 'string') this.fail(node, `${key} must be a list of texts`);
      return { text: item.value, node: item };
    });
  }

  boolean(field: Field): boolean {
    const text = this.text(field);
    if (text !== 'true' && text !== 'false') this.fail(field.node, `${field.key} must be true or false`);
    return text === 'true';
  }

  /** One of the words that `table` has. */
  word<T>(field: Field, table: ReadonlyMap<string, T>): T {
    const found = table.get(this.text(field));
    if (found === undefined) this.fail(field.node, `${field.key} must be one of ${[...table.keys()].join(', ')}`);
    return found;
  }
}

function isEmpty(node: Node | null): node is null {
  return node === null || (isScalar(node) && (node.value === '' || node.value === null) && node.type === 'PLAIN');
}

/** The library's own messages quote what they are about. */
function plainReason(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is there twice';
  return `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`;
}
