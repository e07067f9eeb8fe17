import { collectTexts, readFlag } from './arguments.ts';
import type { Given } from './arguments.ts';
import { COMMANDS } from './commands.ts';
import type { Command } from './commands.ts';
import { FlagError } from './flag-error.ts';
import type { Flag } from './flag.ts';
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
  const given = collectTexts(command.name === '' ? args : args.slice(1), command.flags);
  const settings = readSettings(given);
  if (settings.help || settings.version) return { command, settings };
  if (command.name === 'reader' && settings.readerListen === undefined) {
    throw new FlagError('the reader needs a socket: give --listen=/path');
  }
  if (settings.otelPrometheusPath === settings.telemetryPath) {
    throw new FlagError('--otel.prometheus-path and --web.telemetry-path are the same: give another path for one');
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

function readSettings(given: Given): Settings {
  const entries = Object.entries<Flag<unknown>>(FLAGS).map(([key, flag]) => [key, readFlag(flag, given)]);
  const collectors = [...COLLECTOR_FLAGS].filter(([, flag]) => readFlag(flag, given)).map(([name]) => name);
  return { ...Object.fromEntries(entries), collectors } as Settings;
}
