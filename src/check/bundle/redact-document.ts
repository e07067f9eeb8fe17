import { hexadecimal } from './chip-numbers.ts';
import { redactUnit } from './redact-cgroup.ts';
import type { Redaction } from './redaction.ts';

/** Strings that are numbers too large for JSON, and words of the protocol. */
const NUMBER = /^\d{1,20}$/;
const WORD = /^[A-Za-z0-9_.+-]{1,40}$/;

/**
 * The allocation server's document with other names. Of what a later server may add every text is replaced, as it may be
 * a name; numbers stay. undefined where it is no JSON.
 */
export function redactDocument(bytes: Buffer, redaction: Redaction): Buffer | undefined {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  return Buffer.from(JSON.stringify(redacted('', document, redaction)));
}

function redacted(field: string, value: unknown, redaction: Redaction): unknown {
  if (typeof value === 'string') return redactText(field, value, redaction);
  if (Array.isArray(value)) return value.map((item: unknown) => redacted(field, item, redaction));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      WORD.test(key) ? key : redaction.names.name('group', key),
      redacted(key, item, redaction),
    ]),
  );
}

function redactText(field: string, text: string, { names, chips }: Redaction): string {
  switch (field) {
    case 'comm':
      return names.name('process', text);
    case 'unit':
      return redactUnit(text, names);
    case 'containerId':
      return names.containerId(text);
    case 'podUid':
      return names.podUid(text);
    case 'chipId':
      return NUMBER.test(text) ? chips.chip(BigInt.asUintN(64, BigInt(text))).toString() : '';
    case 'serial':
      return hexadecimal(chips.serial(BigInt(/^[0-9a-f]{1,16}$/i.test(text) ? `0x${text}` : 0)));
    case 'architecture':
    case 'version':
    case 'slurmJobId':
      return WORD.test(text) ? text : '';
    default:
      return NUMBER.test(text) ? text : names.name('group', text);
  }
}
