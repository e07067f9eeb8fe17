/** A sample of a page. */
export interface PageSample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** A page that is none, with the number of the line. */
export class PageError extends Error {
  override readonly name = 'PageError';
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const VALUE = /^ +(\S+)/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const WORDS: Readonly<Record<string, number>> = { NaN, '+Inf': Infinity, Inf: Infinity, '-Inf': -Infinity };

/**
 * The samples of a page in Prometheus's text format 0.0.4 or in OpenMetrics, by name. Comments, timestamps and exemplars
 * are passed over. Throws PageError where a line is no sample.
 */
export function readPage(text: string): Map<string, PageSample[]> {
  const families = new Map<string, PageSample[]>();
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line === '' || line.startsWith('#') || line.trim() === '') continue;
    const { name, sample } = readLine(line, number);
    const known = families.get(name);
    if (known === undefined) families.set(name, [sample]);
    else known.push(sample);
  }
  return families;
}

function readLine(line: string, number: number): { readonly name: string; readonly sample: PageSample } {
  const [name] = NAME.exec(line) ?? [];
  if (name === undefined) throw notASample(number);
  const labels = new Map<string, string>();
  let at = name.length;
  while (line[at] === ' ') at++;
  if (line[at] === '{') at = readLabels(line, at + 1, labels, number);
  else at = name.length;
  // Two labels of a page are never so long that a copy of the rest counts.
  const [, text = ''] = VALUE.exec(` ${line.slice(at)}`) ?? [];
  const value = WORDS[text] ?? Number(text === '' ? 'none' : text);
  if (Number.isNaN(value) && text !== 'NaN') throw notASample(number);
  return { name, sample: { labels, value } };
}

/** Gives the place behind the closing brace. */
function readLabels(line: string, start: number, labels: Map<string, string>, number: number): number {
  let at = start;
  for (;;) {
    while (line[at] === ' ' || line[at] === ',') at++;
    if (line[at] === '}') return at + 1;
    const equals = line.indexOf('=', at);
    const name = equals < 0 ? '' : line.slice(at, equals).trim();
    if (LABEL.exec(name)?.[0] !== name) throw notASample(number);
    at = equals + 1;
    while (line[at] === ' ') at++;
    if (line[at] !== '"') throw notASample(number);
    const end = closingQuote(line, at + 1);
    if (end < 0) throw notASample(number);
    labels.set(name, unescape(line.slice(at + 1, end)));
    at = end + 1;
  }
}

/** -1 where there is none. */
function closingQuote(line: string, start: number): number {
  let at = line.indexOf('"', start);
  while (at > 0 && isEscaped(line, at, start)) at = line.indexOf('"', at + 1);
  return at;
}

function isEscaped(line: string, at: number, start: number): boolean {
  let slashes = 0;
  while (at - 1 - slashes >= start && line[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/gsu, (_, character: string) => (character === 'n' ? '\n' : character));
}

function notASample(number: number): PageError {
  return new PageError(`line ${number} is no sample of a page of metrics`);
}
