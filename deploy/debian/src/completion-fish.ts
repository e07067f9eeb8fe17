import type { Flag } from '../../../src/flags/flag.ts';
import { shortHelp, takesFile } from './programs.ts';
import type { Program, ProgramCommand } from './programs.ts';

/** Completion for fish: a file for /usr/share/fish/vendor_completions.d. */
export function fishCompletion({ name, commands }: Program): string {
  const named = commands.filter((command) => command.name !== '');
  const words = named.map((command) => command.name).join(' ');
  const lines = [`complete -c ${name} -f`];
  if (words !== '') {
    const first = `'not __fish_seen_subcommand_from ${words}'`;
    lines.push(...named.map((command) => `complete -c ${name} -n ${first} -a ${command.name} -d ${title(command)}`));
  }
  for (const command of commands) {
    const seen =
      command.name === '' ? `not __fish_seen_subcommand_from ${words}` : `__fish_seen_subcommand_from ${command.name}`;
    const condition = words === '' ? '' : ` -n '${seen}'`;
    lines.push(
      ...command.flags.flatMap((flag) => flagLines(flag).map((line) => `complete -c ${name}${condition} ${line}`)),
    );
  }
  return `${lines.join('\n')}\n`;
}

function title({ summary }: ProgramCommand): string {
  return quote(summary.split(/[.;] |: |\.$/, 1)[0] ?? '');
}

function flagLines(flag: Flag<unknown>): string[] {
  const help = `-d ${quote(shortHelp(flag))}`;
  if (flag.placeholder === undefined) {
    const short = flag.short === undefined ? '' : ` -s ${flag.short}`;
    const names = flag.group === 'general' ? [`${flag.name}${short}`] : [flag.name, `no-${flag.name}`];
    return names.map((name) => `-l ${name} ${help}`);
  }
  if (flag.bare !== undefined) return [`-l ${flag.name} ${help}`];
  const choices = flag.choices === undefined ? '' : ` -a ${quote(flag.choices.join(' '))}`;
  return [`-l ${flag.name} ${takesFile(flag) ? '-r -F' : `-x${choices}`} ${help}`];
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
