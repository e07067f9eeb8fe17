import type { Command } from './commands.ts';
import { COMMANDS } from './commands.ts';
import { flagSections, flagTables, indented, wrap } from './flag-text.ts';
import { ALL_FLAGS } from './table.ts';

/** The text of `--help`, with its last newline. */
export function helpText(command: Command): string {
  const lines = [`usage: ${command.usage}`, ''];
  lines.push(...wrap(command.summary));
  if (command.name === '') {
    const others = COMMANDS.filter((other) => other.name !== '');
    lines.push('', 'Commands:');
    for (const other of others) {
      lines.push(`  ${other.usage}`, ...indented(other.summary));
    }
  }
  lines.push(...flagSections(command.flags));
  return `${lines.join('\n')}\n`;
}

/** The flags of the exporter and of its commands as Markdown tables, a section a group, for the README. */
export function flagsMarkdown(): string {
  return flagTables(ALL_FLAGS);
}
