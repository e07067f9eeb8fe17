import type { LogRecord } from './log.ts';

/** `ts=… level=… msg=… name=value`: one line without its newline, whatever the values contain. */
export function formatLogfmt(record: LogRecord): string {
  let line = `ts=${record.ts} level=${record.level} msg=${logfmtValue(record.msg)}`;
  for (const [name, value] of record.fields) line += ` ${name}=${logfmtValue(String(value))}`;
  return line;
}

const BARE = /^[^\s"=\\\p{C}]+$/u;
const ESCAPED = /["\\\p{Cc}\u2028\u2029]|\p{Cf}|\p{Cs}/gu;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function logfmtValue(text: string): string {
  return BARE.test(text) ? text : `"${text.replace(ESCAPED, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  let escaped = '';
  for (let unit = 0; unit < character.length; unit++) {
    escaped += `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
