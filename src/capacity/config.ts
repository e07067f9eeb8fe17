import { LineCounter, isMap, isScalar, parseDocument } from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';

/** What an operator says of a board or of one card; what is undefined comes from the table. */
export interface CapacityOverride {
  readonly cores: number | undefined;
  readonly l1BytesPerCore: number | undefined;
  readonly dramBytes: number | undefined;
}

/** `--capacity.config.file`: by board name, and by serial (16 upper-case hex digits), which goes first. */
export interface CapacityConfig {
  readonly boards: ReadonlyMap<string, CapacityOverride>;
  readonly serials: ReadonlyMap<string, CapacityOverride>;
}

/** The file is not what it should be; the message names the place and what would be right. */
export class CapacityConfigError extends Error {
  override readonly name = 'CapacityConfigError';
}

const SECTIONS = ['boards', 'serials'] as const;
const FIELDS = { cores: 'cores', l1_bytes_per_core: 'l1BytesPerCore', dram_bytes: 'dramBytes' } as const;
const LIMITS = { cores: 1024, l1BytesPerCore: 64 * 1024 ** 2, dramBytes: 1024 ** 4 } as const;

/**
 * Decodes the text of a capacity file:
 *
 *     boards:
 *       p150a: { cores: 120 }
 *     serials:
 *       0000040131924062: { cores: 118, dram_bytes: 34359738368 }
 *
 * Throws CapacityConfigError with the file's name and the line.
 */
export function parseCapacityConfig(text: string, file: string): CapacityConfig {
  const lines = new LineCounter();
  // "failsafe": every scalar is the text that was written, so that a serial of digits only keeps its zeros.
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines });
  const problem = document.errors[0];
  if (problem !== undefined) throw new CapacityConfigError(`${file}: ${problem.message}`);
  const parser: Parser = new Parser(file, lines); // annotated: the compiler follows `never` of fail() only then
  const sections = { boards: new Map<string, CapacityOverride>(), serials: new Map<string, CapacityOverride>() };
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === '')) return sections;
  for (const section of parser.pairs(root, 'the file')) {
    const name = SECTIONS.find((known) => known === section.key);
    if (name === undefined) parser.fail(section.node, `unknown key "${section.key}", expected "boards" or "serials"`);
    for (const entry of parser.pairs(section.value, `"${name}"`)) {
      const key = name === 'serials' ? parser.serial(entry.key, entry.node) : entry.key;
      sections[name].set(key, parser.override(entry.value, entry.key));
    }
  }
  return sections;
}

interface Entry {
  readonly key: string;
  readonly node: Node;
  readonly value: Node | null;
}

class Parser {
  readonly #file: string;
  readonly #lines: LineCounter;

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  fail(node: Node | null, message: string): never {
    const offset = node?.range?.[0];
    const place = offset === undefined ? '' : `:${this.#lines.linePos(offset).line}`;
    throw new CapacityConfigError(`${this.#file}${place}: ${message}`);
  }

  pairs(node: Node | null, what: string): Entry[] {
    if (!isMap(node)) this.fail(node, `${what} must be a map`);
    return (node as YAMLMap<Node, Node | null>).items.map((pair: Pair<Node, Node | null>) => {
      if (!isScalar(pair.key) || typeof pair.key.value !== 'string')
        this.fail(pair.key, `a key of ${what} must be text`);
      return { key: pair.key.value, node: pair.key, value: pair.value };
    });
  }

  serial(text: string, node: Node): string {
    if (!/^[0-9a-fA-F]{16}$/.test(text)) {
      this.fail(node, `serial "${text}" must be 16 hex digits, as in tt_serial`);
    }
    return text.toUpperCase();
  }

  override(node: Node | null, name: string): CapacityOverride {
    const found: Partial<Record<keyof CapacityOverride, number>> = {};
    for (const { key, node: keyNode, value } of this.pairs(node, `"${name}"`)) {
      const field = key in FIELDS ? FIELDS[key as keyof typeof FIELDS] : undefined;
      if (field === undefined) {
        this.fail(keyNode, `unknown key "${key}" of "${name}", expected one of ${Object.keys(FIELDS).join(', ')}`);
      }
      const text = isScalar(value) && typeof value.value === 'string' ? value.value : '';
      const number = /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
      if (number < 1 || number > LIMITS[field]) {
        this.fail(value ?? keyNode, `${key} of "${name}" must be a whole number from 1 to ${LIMITS[field]}`);
      }
      found[field] = number;
    }
    return { cores: found.cores, l1BytesPerCore: found.l1BytesPerCore, dramBytes: found.dramBytes };
  }
}
