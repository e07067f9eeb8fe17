import { COMMANDS } from './commands.ts';
import type { Command } from './commands.ts';
import { FlagError } from './flag-error.ts';
import type { Flag } from './flag.ts';
import { nearest } from './nearest.ts';
import { COLLECTOR_FLAGS } from './collector-flags.ts';
import { FLAGS } from './table.ts';
import type { Settings } from './table.ts';

/** A command line, understood. */
export interface CommandLine {
  readonly command: Command;
  readonly settings: Settings;
}

/**
 * Reads the arguments behind the program's name: `--name=value`, `--name value`, `--switch`, `--no-switch`. Given
 * twice, the last one wins; a repeatable one adds up. With `--help` or `--version` no flag is required.
 * Throws FlagError.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const command = findCommand(args[0]);
  const given = collectTexts(command.name === '' ? args : args.slice(1), command);
  const settings = readSettings(given);
  if (settings.help || settings.version) return { command, settings };
  if (command.name === 'reader' && settings.readerListen === undefined) {
    throw new FlagError('the reader needs a socket: give --listen=/path');
  }
  return { command, settings };
}

/** The settings of a command line without any flag. */
export function defaultSettings(): Settings {
  return readSettings(new Map());
}

function findCommand(word: string | undefined): Command {
  const name = word === undefined || word.startsWith('-') ? '' : word;
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((candidate) => candidate.name).filter((candidate) => candidate !== '');
  throw new FlagError(`unknown command "${name}": there is ${names.join(', ')}; without one the exporter runs`);
}

/** The texts that were given, in order. */
type Given = Map<Flag<unknown>, string[]>;

function collectTexts(args: readonly string[], command: Command): Given {
  const given: Given = new Map();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const { flag, negated, name } = findFlag(arg, command);
    const equals = arg.indexOf('=');
    let text = equals === -1 ? undefined : arg.slice(equals + 1);
    if (flag.placeholder === undefined) {
      text = switchText(name, negated, text);
    } else if (text === undefined) {
      const next = args[index + 1];
      if (next === undefined || next.startsWith('--')) throw needsValue(flag);
      text = next;
      index++;
    }
    const texts = given.get(flag);
    if (texts === undefined) given.set(flag, [text]);
    else texts.push(text);
  }
  return given;
}

interface Found {
  readonly flag: Flag<unknown>;
  readonly negated: boolean;
  /** As it was given. */
  readonly name: string;
}

function findFlag(arg: string, command: Command): Found {
  const [, dashes, name = ''] = /^(-{1,2})([^=]*)/.exec(arg) ?? [];
  if (dashes === undefined || name === '') {
    throw new FlagError(`unexpected argument "${arg}": flags begin with --, see --help`);
  }
  for (const flag of command.flags) {
    if (dashes === '-') {
      if (flag.short === name) return { flag, negated: false, name };
    } else if (flag.name === name) {
      return { flag, negated: false, name };
    } else if (flag.placeholder === undefined && `no-${flag.name}` === name) {
      return { flag, negated: true, name };
    }
  }
  throw unknownFlag(arg.split('=')[0] ?? arg, name, command);
}

function unknownFlag(given: string, name: string, command: Command): FlagError {
  const names = command.flags.flatMap((flag) =>
    flag.placeholder === undefined ? [flag.name, `no-${flag.name}`] : [flag.name],
  );
  const near = nearest(name, names);
  const advice = near === undefined ? 'see --help' : `did you mean --${near}? See --help`;
  return new FlagError(`unknown flag ${given}: ${advice}`);
}

function switchText(name: string, negated: boolean, text = 'true'): string {
  if (text !== 'true' && text !== 'false') {
    throw new FlagError(`--${name} takes no value, got "${text}": give --${name} alone`);
  }
  return String((text === 'true') !== negated);
}

function needsValue(flag: Flag<unknown>): FlagError {
  const example = flag.defaultText === '' ? (flag.placeholder ?? '') : flag.defaultText;
  return new FlagError(`--${flag.name} needs a value, as in --${flag.name}=${example}`);
}

function readSettings(given: Given): Settings {
  const entries = Object.entries<Flag<unknown>>(FLAGS).map(([key, flag]) => [key, readFlag(flag, given)]);
  const collectors = [...COLLECTOR_FLAGS].filter(([, flag]) => readFlag(flag, given)).map(([name]) => name);
  return { ...Object.fromEntries(entries), collectors } as Settings;
}

function readFlag<T>(flag: Flag<T>, given: Given): T {
  try {
    return flag.read(given.get(flag) ?? []);
  } catch (error) {
    if (error instanceof FlagError) throw new FlagError(`--${flag.name}: ${error.message}`);
    throw error;
  }
}
