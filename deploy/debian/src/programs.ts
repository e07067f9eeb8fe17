import { ALL_SERVER_FLAGS, SERVER_SUMMARY, SERVER_USAGE } from '../../../src/allocation-server/flags.ts';
import { COMMANDS } from '../../../src/flags/commands.ts';
import type { Flag } from '../../../src/flags/flag.ts';

/** A command as manual pages and completion need it. `name` is '' where the program itself is meant. */
export interface ProgramCommand {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag<unknown>[];
}

export interface Program {
  readonly name: string;
  readonly commands: readonly ProgramCommand[];
}

/** What the package puts into /usr/bin. */
export const PROGRAMS: readonly Program[] = [
  { name: 'tenstorrent-exporter', commands: COMMANDS },
  {
    name: 'tt-allocation-server',
    commands: [{ name: '', usage: SERVER_USAGE, summary: SERVER_SUMMARY, flags: ALL_SERVER_FLAGS }],
  },
];

/** `--web.listen-address=`, `--json`, `--no-json`: every long form of a flag, with `=` where a value has to follow. */
export function longForms(flag: Flag<unknown>): string[] {
  if (flag.placeholder === undefined) {
    return flag.group === 'general' ? [`--${flag.name}`] : [`--${flag.name}`, `--no-${flag.name}`];
  }
  return flag.bare === undefined ? [`--${flag.name}=`] : [`--${flag.name}`, `--${flag.name}=`];
}

/** Whether the value is the path of a file. */
export function takesFile(flag: Flag<unknown>): boolean {
  return flag.placeholder === 'FILE' || (flag.placeholder === 'PATH' && !flag.name.endsWith('-path'));
}

/** The first sentence of its help, without its full stop: one line. */
export function shortHelp(flag: Flag<unknown>): string {
  return flag.help.split(/(?<=[^.])\.(?: |$)/, 1)[0] ?? '';
}
