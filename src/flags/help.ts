import type { Command } from './commands.ts';
import { COMMANDS } from './commands.ts';
import type { Flag, FlagGroup } from './flag.ts';
import { ALL_FLAGS } from './table.ts';

const GROUP_TITLES: readonly (readonly [FlagGroup, string])[] = [
  ['general', 'General'],
  ['web', 'HTTP server'],
  ['sources', 'What is read'],
  ['reader', 'The process that reads'],
  ['log', 'Log'],
];

const WIDTH = 80;
const HELP_COLUMN = 6;

/** The text of `--help`, with its last newline. */
export function helpText(command: Command): string {
  const lines = [`usage: ${command.usage}`, ''];
  lines.push(...wrap(command.summary, WIDTH));
  if (command.name === '') {
    const others = COMMANDS.filter((other) => other.name !== '');
    lines.push('', 'Commands:');
    for (const other of others) {
      lines.push(`  ${other.usage}`, ...indented(other.summary));
    }
  }
  for (const [group, title] of GROUP_TITLES) {
    const flags = flagsOf(command, group);
    if (flags.length === 0) continue;
    lines.push('', `${title}:`);
    for (const flag of flags) lines.push(`  ${spelling(flag)}`, ...indented(explanation(flag)));
  }
  return `${lines.join('\n')}\n`;
}

/** The flags of the exporter and of its commands as Markdown tables, a section a group, for the README. */
export function flagsMarkdown(): string {
  const sections = GROUP_TITLES.map(([group, title]) => {
    const rows = ALL_FLAGS.filter((flag) => flag.group === group).map(
      (flag) => `| ${code(spelling(flag))} | ${defaultCell(flag)} | ${escapeCell(flag.help)} |`,
    );
    return [`**${title}**`, '', '| flag | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
  });
  return sections.join('\n');
}

function flagsOf(command: Command, group: FlagGroup): Flag<unknown>[] {
  return command.flags.filter((flag) => flag.group === group);
}

function spelling(flag: Flag<unknown>): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  if (flag.placeholder !== undefined) return `--${flag.name}=${flag.placeholder}`;
  return flag.group === 'general' ? `${short}--${flag.name}` : `--[no-]${flag.name}`;
}

function explanation(flag: Flag<unknown>): string {
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

function indented(text: string): string[] {
  return wrap(text, WIDTH - HELP_COLUMN).map((line) => ' '.repeat(HELP_COLUMN) + line);
}

function wrap(text: string, width: number): string[] {
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
