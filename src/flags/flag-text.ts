import type { Flag, FlagGroup } from './flag.ts';

const GROUP_TITLES: readonly (readonly [FlagGroup, string])[] = [
  ['general', 'General'],
  ['web', 'HTTP server'],
  ['sources', 'What is read'],
  ['reader', 'The process that reads'],
  ['socket', 'Socket'],
  ['terminal', 'smi and top'],
  ['check', 'check'],
  ['log', 'Log'],
];

const WIDTH = 80;
const HELP_COLUMN = 6;

/** The sections of `--help` that tell these flags. */
export function flagSections(flags: readonly Flag<unknown>[]): string[] {
  const lines: string[] = [];
  for (const [title, section] of flagsByGroup(flags)) {
    lines.push('', `${title}:`);
    for (const flag of section) lines.push(`  ${spelling(flag)}`, ...indented(explanation(flag)));
  }
  return lines;
}

/** These flags as Markdown tables, a section a group. */
export function flagTables(flags: readonly Flag<unknown>[]): string {
  const sections = flagsByGroup(flags).map(([title, section]) => {
    const rows = section.map((flag) => `| ${code(spelling(flag))} | ${defaultCell(flag)} | ${escapeCell(flag.help)} |`);
    return [`**${title}**`, '', '| flag | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
  });
  return sections.join('\n');
}

/** The groups that have any of these flags, in the order of `--help`. */
export function flagsByGroup(flags: readonly Flag<unknown>[]): [title: string, flags: Flag<unknown>[]][] {
  return GROUP_TITLES.map(([group, title]): [string, Flag<unknown>[]] => [
    title,
    flags.filter((flag) => flag.group === group),
  ]).filter(([, section]) => section.length > 0);
}

/** As it is written on a command line: `--name=VALUE`. */
export function spelling(flag: Flag<unknown>): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  if (flag.bare !== undefined) return `--${flag.name}[=${flag.placeholder ?? ''}]`;
  if (flag.placeholder !== undefined) return `--${flag.name}=${flag.placeholder}`;
  return flag.group === 'general' ? `${short}--${flag.name}` : `--[no-]${flag.name}`;
}

/** What it does, whether it can be given again, its default. */
export function explanation(flag: Flag<unknown>): string {
  const repeat = flag.repeatable ? ' Can be given several times.' : '';
  const isPlainSwitch = flag.placeholder === undefined && flag.defaultText === 'off';
  const standard = flag.defaultText === '' || isPlainSwitch ? '' : ` Default: ${flag.defaultText}.`;
  return `${flag.help}${repeat}${standard}`;
}

function defaultCell(flag: Flag<unknown>): string {
  if (flag.defaultText === '') return '';
  return flag.placeholder === undefined ? flag.defaultText : code(flag.defaultText);
}

function code(text: string): string {
  return `\`${escapeCell(text)}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** Lines of help text, below what they explain. */
export function indented(text: string): string[] {
  return wrap(text, WIDTH - HELP_COLUMN).map((line) => ' '.repeat(HELP_COLUMN) + line);
}

/** The text's lines of at most `width` characters. */
export function wrap(text: string, width = WIDTH): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
