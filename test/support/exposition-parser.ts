/**
 * A strict reader of both formats, written from their descriptions and not from the encoder: what it takes, Prometheus
 * takes. It throws on anything that is out of order, with the number of the line.
 */
export interface ParsedFamily {
  /** As its TYPE line has it: in OpenMetrics a counter's has no `_total`. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string | undefined;
  readonly samples: readonly ParsedSample[];
}

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type ExpositionFormat = 'text' | 'openmetrics';

interface OpenFamily {
  name: string;
  type: string | undefined;
  help: string | undefined;
  unit: string | undefined;
  samples: ParsedSample[];
  readonly series: Set<string>;
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** Names that begin with two underscores are Prometheus's own. */
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: [''],
  unknown: [''],
  untyped: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Reads a page of bytes; throws where it is not valid UTF-8. */
export function parseExposition(page: Uint8Array, format: ExpositionFormat): ParsedFamily[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(page);
  if (text !== '' && !text.endsWith('\n')) throw new Error('the page does not end with a line feed');
  const lines = text.split('\n').slice(0, -1);
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('the page does not end with # EOF');
  const families: OpenFamily[] = [];
  for (const [index, line] of lines.entries()) {
    try {
      parseLine(line, format, families);
    } catch (cause) {
      throw new Error(`line ${index + 1}: ${line}: ${cause instanceof Error ? cause.message : ''}`, { cause });
    }
  }
  return families.map(closeFamily);
}

function parseLine(line: string, format: ExpositionFormat, families: OpenFamily[]): void {
  if (line.startsWith('#')) parseComment(line, format, families);
  else parseSampleLine(line, format, families);
}

function parseComment(line: string, format: ExpositionFormat, families: OpenFamily[]): void {
  const match = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/su.exec(line);
  if (match === null) throw new Error('not a HELP, TYPE or UNIT line');
  const [, keyword = '', name = '', rest = ''] = match;
  let family = families.at(-1);
  if (family?.name !== name) {
    if (!METRIC_NAME.test(name)) throw new Error('not a metric name');
    if (families.some((other) => other.name === name)) throw new Error('the family comes twice');
    family = { name, type: undefined, help: undefined, unit: undefined, samples: [], series: new Set() };
    families.push(family);
  }
  if (family.samples.length > 0) throw new Error('comes after a sample');
  if (keyword === 'HELP') family.help = once(family.help, unescape(rest, format === 'openmetrics'));
  else if (keyword === 'TYPE') family.type = once(family.type, typeOf(rest));
  else family.unit = once(family.unit, unitOf(rest, name, format));
}

function once(before: string | undefined, value: string): string {
  if (before !== undefined) throw new Error('comes twice');
  return value;
}

function typeOf(word: string): string {
  if (!Object.hasOwn(SUFFIXES, word)) throw new Error('not a type');
  return word;
}

function unitOf(unit: string, name: string, format: ExpositionFormat): string {
  if (format === 'text') throw new Error('the text format has no UNIT');
  if (!name.endsWith(`_${unit}`)) throw new Error('the unit is not what the name ends in');
  return unit;
}

function parseSampleLine(line: string, format: ExpositionFormat, families: OpenFamily[]): void {
  const family = families.at(-1);
  if (family?.type === undefined) throw new Error('a sample without a TYPE before it');
  const nameEnd = /[{ ]/.exec(line)?.index ?? line.length;
  const name = line.slice(0, nameEnd);
  if (!sampleNames(family.name, family.type, format).includes(name)) throw new Error('not a sample of the family');
  const { labels, end } = line[nameEnd] === '{' ? parseLabels(line, nameEnd + 1) : { labels: {}, end: nameEnd };
  if (line[end] !== ' ') throw new Error('no blank before the value');
  const sample = { name, labels, value: numberOf(line.slice(end + 1)) };
  const key = keyOf(sample);
  if (family.series.has(key)) throw new Error('the series comes twice');
  family.series.add(key);
  family.samples.push(sample);
}

function sampleNames(name: string, type: string, format: ExpositionFormat): readonly string[] {
  if (type === 'counter' && format === 'openmetrics') return [`${name}_total`];
  return (SUFFIXES[type] ?? []).map((suffix) => `${name}${suffix}`);
}

function keyOf(sample: ParsedSample): string {
  return JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
}

function parseLabels(line: string, start: number): { labels: Record<string, string>; end: number } {
  const labels: Record<string, string> = {};
  let at = start;
  for (;;) {
    const equals = line.indexOf('="', at);
    const label = line.slice(at, equals);
    if (equals < 0 || !LABEL_NAME.test(label)) throw new Error('not a label name');
    if (Object.hasOwn(labels, label)) throw new Error('a label comes twice');
    const end = closingQuote(line, equals + 2);
    labels[label] = unescape(line.slice(equals + 2, end), true);
    if (line[end + 1] === '}') return { labels, end: end + 2 };
    if (line[end + 1] !== ',') throw new Error('neither a comma nor a brace after a label');
    at = end + 2;
  }
}

function closingQuote(line: string, start: number): number {
  for (let at = start; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === '"') return at;
  }
  throw new Error('a label value without an end');
}

function unescape(text: string, quotes: boolean): string {
  return text.replace(/\\(.?)|"/gsu, (sequence, character: string | undefined) => {
    if (sequence === '"') {
      if (quotes) throw new Error('a quote that is not escaped');
      return sequence;
    }
    if (character === 'n') return '\n';
    if (character === '\\' || (character === '"' && quotes)) return character;
    throw new Error('not an escape sequence');
  });
}

function numberOf(text: string): number {
  if (!NUMBER.test(text)) throw new Error('not a number');
  if (text.endsWith('Inf')) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

function closeFamily(family: OpenFamily): ParsedFamily {
  const { name, type, help, unit, samples } = family;
  if (type === undefined || help === undefined) throw new Error(`${name} has no TYPE or no HELP`);
  if (samples.length === 0) throw new Error(`${name} has no samples`);
  return { name, type, help, unit, samples };
}
