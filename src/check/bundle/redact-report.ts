import { hexadecimal } from './chip-numbers.ts';
import type { Finding } from '../types.ts';
import type { Redaction } from './redaction.ts';

/** Areas whose summaries quote what operators and tenants chose: of these only what works is told. */
const QUOTING = ['kubernetes', 'configuration', 'address'];

const LEFT_OUT = '(left out of the bundle)';

/** A name that is shorter is part of other words. */
const LEAST_NAME = 4;

/**
 * The findings with other names. `paths`: what the host's own paths are called instead, as they may have names of people in
 * them. To be called last, when every name is known.
 */
export function redactFindings(
  findings: readonly Finding[],
  paths: ReadonlyMap<string, string>,
  redaction: Redaction,
): Finding[] {
  const redact = textRedactor(paths, redaction);
  return findings.map(({ area, state, summary, advice }) => ({
    area,
    state,
    summary: QUOTING.includes(area) && state !== 'absent' ? LEFT_OUT : redact(summary),
    advice: advice === undefined ? undefined : redact(advice),
  }));
}

function textRedactor(paths: ReadonlyMap<string, string>, { names, chips }: Redaction): (text: string) => string {
  const words = [...names.given].filter(([name]) => name.length >= LEAST_NAME);
  const replacements = new Map([...paths, ...words].map(([text, other]) => [text.toLowerCase(), other]));
  // The longest first: a path may begin with another.
  const texts = [...replacements.keys()].sort((a, b) => b.length - a.length);
  const known = new RegExp(
    `(?<![A-Za-z0-9])(?:${texts.map((text) => escapeForPattern(text)).join('|')})(?![A-Za-z0-9])`,
    'giu',
  );
  return (text) => {
    const named = text
      .replace(/tt_device_(\d{1,20})_memory/g, (_, id: string) => `tt_device_${chips.chip(BigInt(id))}_memory`)
      .replace(/0x([0-9a-f]{16})\b/gi, (_, id: string) => `0x${hexadecimal(chips.chip(BigInt(`0x${id}`)))}`);
    if (texts.length === 0) return named;
    return named.replace(known, (name) => replacements.get(name.toLowerCase()) ?? '');
  };
}

function escapeForPattern(text: string): string {
  return text.replace(/[^A-Za-z0-9]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`);
}
