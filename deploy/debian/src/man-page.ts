import { explanation, flagsByGroup, spelling } from '../../../src/flags/flag-text.ts';
import type { Flag } from '../../../src/flags/flag.ts';

export interface ManPage {
  readonly name: string;
  readonly section: 1 | 8;
  /** What it is, in a few words, for apropos(1). */
  readonly title: string;
  readonly usage: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly flags: readonly Flag<unknown>[];
  /** Further sections: their heading, and what is told with what is said of it. */
  readonly more: readonly (readonly [heading: string, entries: readonly (readonly [term: string, text: string])[]])[];
  /** `tenstorrent-exporter(8)` */
  readonly seeAlso: readonly string[];
}

export interface Release {
  readonly version: string;
  /** Of the release. */
  readonly date: Date;
}

/** A manual page as man(7) has it, with its last newline. */
export function manPage(page: ManPage, { version, date }: Release): string {
  const day = date.toISOString().slice(0, 10);
  const options = flagsByGroup(page.flags).flatMap(([title, flags]) => [
    `.SS ${escape(title)}`,
    ...flags.flatMap((flag) => entry(spelling(flag), explanation(flag))),
  ]);
  const more = page.more.flatMap(([heading, entries]) => [
    `.SH ${heading}`,
    ...entries.flatMap(([term, text]) => entry(term, text)),
  ]);
  const lines = [
    `.TH ${page.name.toUpperCase()} ${page.section} ${day} "tenstorrent\\-exporter ${version}"`,
    ...['.SH NAME', `${escape(page.name)} \\- ${escape(page.title)}`],
    ...['.SH SYNOPSIS', `.B ${escape(page.usage)}`],
    ...['.SH DESCRIPTION', ...page.description.flatMap((text, index) => [...(index > 0 ? ['.PP'] : []), escape(text)])],
    ...['.SH OPTIONS', ...options],
    ...more,
    ...['.SH "SEE ALSO"', page.seeAlso.map(reference).join(',\n')],
  ];
  return `${lines.join('\n')}\n`;
}

function entry(term: string, text: string): string[] {
  return ['.TP', `.B ${escape(term)}`, escape(text)];
}

function reference(name: string): string {
  const [, title = name, section = ''] = /^(.*)(\(\d\))$/.exec(name) ?? [];
  return `.BR ${escape(title)} ${section}`;
}

/** Text that roff takes as it is: dashes that can be copied, no escapes, and no request at the beginning of a line. */
function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^(?=[.'])/, '\\&');
}
