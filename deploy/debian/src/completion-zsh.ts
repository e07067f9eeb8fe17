import type { Flag } from '../../../src/flags/flag.ts';
import { shortHelp, takesFile } from './programs.ts';
import type { Program, ProgramCommand } from './programs.ts';

/** Completion for zsh: a file for /usr/share/zsh/vendor-completions. */
export function zshCompletion({ name, commands }: Program): string {
  const named = commands.filter((command) => command.name !== '');
  const own = commands.filter((command) => command.name === '');
  const cases = [...named, ...own].map(
    (command) =>
      `  ${command.name === '' ? '*' : command.name})\n    _arguments -S \\\n${specs(command, named)}\n    ;;`,
  );
  return `#compdef ${name}

case \${words[2]} in
${cases.join('\n')}
esac
`;
}

function specs(command: ProgramCommand, named: readonly ProgramCommand[]): string {
  const lines = command.flags.flatMap(flagSpecs);
  const words = named.map(({ name }) => name).join(' ');
  if (command.name !== '') lines.unshift(`'1:command:(${command.name})'`);
  else if (words !== '') lines.unshift(`'1:command:(${words})'`);
  return lines.map((line) => `      ${line}`).join(' \\\n');
}

function flagSpecs(flag: Flag<unknown>): string[] {
  const help = quote(shortHelp(flag).replaceAll(/[[\]:\\]/g, String.raw`\$&`));
  const repeat = flag.repeatable ? '*' : '';
  if (flag.placeholder === undefined) {
    const names = flag.group === 'general' ? [flag.name] : [flag.name, `no-${flag.name}`];
    return names.map((name) => `'--${name}[${help}]'`);
  }
  const separator = flag.bare === undefined ? '=' : '=-';
  const colons = flag.bare === undefined ? ':' : '::';
  return [`'${repeat}--${flag.name}${separator}[${help}]${colons}${flag.placeholder}:${action(flag)}'`];
}

function action(flag: Flag<unknown>): string {
  if (flag.choices !== undefined) return `(${flag.choices.join(' ')})`;
  return takesFile(flag) ? '_files' : '';
}

function quote(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
