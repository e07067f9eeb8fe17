import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bashCompletion } from '../../../deploy/debian/src/completion-bash.ts';
import { fishCompletion } from '../../../deploy/debian/src/completion-fish.ts';
import { zshCompletion } from '../../../deploy/debian/src/completion-zsh.ts';
import { PROGRAMS } from '../../../deploy/debian/src/programs.ts';

/** Types what the first argument says and a tab, and prints what bash makes of it. */
const BASH = `
. "$1"
read -ra COMP_WORDS <<<"\${2//=/ = }"
[[ $2 == *[\\ =] ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
complete=$(complete -p "\${COMP_WORDS[0]}")
[[ $complete =~ -F\\ ([a-z_]+) ]] && "\${BASH_REMATCH[1]}"
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** The same of zsh, which completes only where it has a terminal. */
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "fpath=($1 \\$fpath); autoload -Uz compinit; compinit -u -d $1/dump; PS1=; unsetopt beep; show() { print -r -- \\"<<\\$BUFFER>>\\" }; zle -N show; bindkey '^X' show; print READY\\$((1 + 1))"
zpty -r shell line '*READY2*'
zpty -w -n shell "$2"$'\\t'$'\\x18'
zpty -r shell line '*<<*>>*'
print -r -- "$line"
`;

describe('completion', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'completion-'));
    for (const program of PROGRAMS) {
      writeFileSync(join(folder, program.name), bashCompletion(program));
      writeFileSync(join(folder, `_${program.name}`), zshCompletion(program));
      writeFileSync(join(folder, `${program.name}.fish`), fishCompletion(program));
    }
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const env = (): NodeJS.ProcessEnv => ({ ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, TERM: 'dumb' });
  const bash = (line: string): string[] => {
    const program = line.split(' ', 1)[0] ?? '';
    const output = execFileSync('bash', ['-c', BASH, 'bash', join(folder, program), line], {
      encoding: 'utf8',
      env: env(),
    });
    return output.split('\n').filter((word) => word !== '');
  };
  const zsh = (line: string): string | undefined => {
    const output = execFileSync('zsh', ['-f', '-c', ZSH, 'zsh', folder, line], {
      encoding: 'utf8',
      env: env(),
      timeout: 30_000,
    });
    return [...output.matchAll(/<<([^>]*)>>/g)].at(-1)?.[1];
  };
  const fish = (line: string): string[] => {
    const program = line.split(' ', 1)[0] ?? '';
    const script = `source ${join(folder, `${program}.fish`)}; complete -C '${line}'`;
    const output = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8', env: env() });
    return output
      .split('\n')
      .flatMap((row) => row.split('\t', 1))
      .filter((word) => word !== '');
  };

  it('of bash knows commands, their flags and the words that a flag takes', () => {
    assert.deepEqual(bash('tenstorrent-exporter che'), ['check']);
    assert.deepEqual(bash('tenstorrent-exporter check --cle'), ['--clean']);
    assert.deepEqual(bash('tenstorrent-exporter --cle'), []);
    assert.deepEqual(bash('tenstorrent-exporter --web.listen-a'), ['--web.listen-address=']);
    assert.deepEqual(bash('tenstorrent-exporter --log.level='), ['debug', 'info', 'warn', 'error']);
    assert.deepEqual(bash('tenstorrent-exporter smi --memory.source sh'), ['shared-memory']);
    assert.deepEqual(bash('tenstorrent-exporter reader --socket.mode='), []);
    assert.deepEqual(bash('tt-allocation-server --no-k'), ['--no-keeper']);
    assert.deepEqual(
      bash(`tt-allocation-server --capacity.config.file=${folder}/tt`),
      [join(folder, 'tt-allocation-server'), join(folder, 'tt-allocation-server.fish')].toSorted(),
    );
  });

  it('of zsh completes them on its line', () => {
    assert.equal(zsh('tenstorrent-exporter che'), 'tenstorrent-exporter check ');
    assert.equal(zsh('tenstorrent-exporter check --cle'), 'tenstorrent-exporter check --clean ');
    assert.equal(zsh('tenstorrent-exporter --web.listen-a'), 'tenstorrent-exporter --web.listen-address=');
    assert.equal(
      zsh('tenstorrent-exporter smi --memory.source=sh'),
      'tenstorrent-exporter smi --memory.source=shared-memory ',
    );
    assert.equal(zsh('tt-allocation-server --no-k'), 'tt-allocation-server --no-keeper ');
  });

  it('of fish tells them with what they mean', () => {
    assert.deepEqual(fish('tenstorrent-exporter che'), ['check']);
    assert.deepEqual(fish('tenstorrent-exporter check --cle'), ['--clean']);
    assert.deepEqual(fish('tenstorrent-exporter --cle'), []);
    assert.deepEqual(fish('tenstorrent-exporter --web.listen-a'), ['--web.listen-address']);
    assert.deepEqual(fish('tenstorrent-exporter smi --memory.source=sh'), ['--memory.source=shared-memory']);
    assert.deepEqual(fish('tt-allocation-server --no-k'), ['--no-keeper']);
  });

  it('of bash is good shell', () => {
    for (const { name } of PROGRAMS) execFileSync('shellcheck', ['--shell=bash', join(folder, name)]);
  });
});
