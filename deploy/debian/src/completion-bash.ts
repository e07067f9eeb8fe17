import type { Flag } from '../../../src/flags/flag.ts';
import { longForms, takesFile } from './programs.ts';
import type { Program } from './programs.ts';

/** Completion for bash: a file for /usr/share/bash-completion/completions. It needs nothing of bash-completion. */
export function bashCompletion({ name, commands }: Program): string {
  const named = commands.filter((command) => command.name !== '').map((command) => command.name);
  const flags = [...new Set(commands.flatMap((command) => command.flags))];
  const ofCommands = commands.map((command) => {
    const words = command.flags.flatMap(longForms).join(' ');
    return `    ${command.name === '' ? '*' : command.name}) words='${words}' ;;`;
  });
  // The first one has no word, and holds for all others.
  const [own = '', ...others] = ofCommands;
  return `# bash completion of ${name}
_${name.replaceAll('-', '_')}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} flag='' words=''
  # bash takes the "=" of a flag for a word.
  if [[ $cur == = ]]; then
    flag=$prev cur=''
  elif [[ $prev == = ]]; then
    flag=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $cur != -* ]]; then
    flag=$prev
  fi
  case $flag in
${values(flags)}
  esac
  case \${COMP_WORDS[1]} in
${[...others, own].join('\n')}
  esac
${named.length === 0 ? '' : `  ((COMP_CWORD == 1)) && words+=' ${named.join(' ')}'\n`}  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _${name.replaceAll('-', '_')} ${name}
`;
}

/** What may stand behind a flag that has a value. */
function values(flags: readonly Flag<unknown>[]): string {
  const withValue = flags.filter((flag) => flag.placeholder !== undefined && flag.bare === undefined);
  const spell = (some: readonly Flag<unknown>[]): string => some.map((flag) => `--${flag.name}`).join(' | ');
  const rows = withValue
    .filter((flag) => flag.choices !== undefined)
    .map((flag) => reply(spell([flag]), `-W '${flag.choices?.join(' ') ?? ''}'`));
  const files = withValue.filter(takesFile);
  const others = withValue.filter((flag) => flag.choices === undefined && !takesFile(flag));
  if (files.length > 0) rows.push(reply(spell(files), '-f'));
  if (others.length > 0) rows.push(`    ${spell(others)}) return 0 ;;`);
  return rows.join('\n');
}

function reply(pattern: string, action: string): string {
  return `    ${pattern})\n      mapfile -t COMPREPLY < <(compgen ${action} -- "$cur")\n      return 0\n      ;;`;
}
