/** One element of an Accept or Accept-Encoding header: its value in lower case, its parameters, its weight. */
export interface WeightedRange {
  readonly value: string;
  /** By name in lower case, without `q`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1. */
  readonly quality: number;
}

/** No client needs more; a header is bounded, the work on it is too. */
const MAX_RANGES = 64;

/** The elements of a header in their order (RFC 9110, 12.4.2 and 12.5.1). What cannot be understood is left out. */
export function parseRanges(header: string): WeightedRange[] {
  const ranges: WeightedRange[] = [];
  for (const element of splitOutsideQuotes(header, ',').slice(0, MAX_RANGES)) {
    const [value = '', ...rest] = splitOutsideQuotes(element, ';').map((part) => part.trim());
    if (value === '') continue;
    const parameters = new Map(rest.map(parseParameter));
    const quality = parseQuality(parameters.get('q'));
    parameters.delete('q');
    if (quality !== undefined) ranges.push({ value: value.toLowerCase(), parameters, quality });
  }
  return ranges;
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === '\\') index++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function parseParameter(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals === -1) return [text.toLowerCase(), ''];
  const value = text.slice(equals + 1).trim();
  const unquoted = /^"(.*)"$/s.exec(value)?.[1]?.replace(/\\(.)/gs, '$1');
  return [text.slice(0, equals).trim().toLowerCase(), unquoted ?? value];
}

function parseQuality(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  return /^(0(\.\d*)?|1(\.0*)?)$/.test(text) ? Number(text) : undefined;
}
