import { FlagError } from './flag-error.ts';
import type { Flag } from './flag.ts';
import { nearest } from './nearest.ts';

/** The texts that were given, in order. */
export type Given = Map<Flag<unknown>, string[]>;

/**
 * What was given for each flag: `--name=value`, `--name value`, `--switch`, `--no-switch`. Throws FlagError where one is
 * not among `flags`, or has no value.
 */
export function collectTexts(args: readonly string[], flags: readonly Flag<unknown>[]): Given {
  const given: Given = new Map();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const { flag, negated, name } = findFlag(arg, flags);
    const equals = arg.indexOf('=');
    let text = equals === -1 ? undefined : arg.slice(equals + 1);
    if (flag.placeholder === undefined) {
      text = switchText(name, negated, text);
    } else if (text === undefined) {
      const next = args[index + 1];
      if (next !== undefined && !next.startsWith(flag.bare === undefined ? '--' : '-')) {
        text = next;
        index++;
      } else if (flag.bare === undefined) throw needsValue(flag);
      else text = flag.bare;
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

function findFlag(arg: string, flags: readonly Flag<unknown>[]): Found {
  const [, dashes, name = ''] = /^(-{1,2})([^=]*)/.exec(arg) ?? [];
  if (dashes === undefined || name === '') {
    throw new FlagError(`unexpected argument "${arg}": flags begin with --, see --help`);
  }
  for (const flag of flags) {
    if (dashes === '-') {
      if (flag.short === name) return { flag, negated: false, name };
    } else if (flag.name === name) {
      return { flag, negated: false, name };
    } else if (flag.placeholder === undefined && `no-${flag.name}` === name) {
      return { flag, negated: true, name };
    }
  }
  throw unknownFlag(arg.split('=')[0] ?? arg, name, flags);
}

function unknownFlag(given: string, name: string, flags: readonly Flag<unknown>[]): FlagError {
  const names = flags.flatMap((flag) =>
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

/** A flag's value. Throws FlagError with the flag's name. */
export function readFlag<T>(flag: Flag<T>, given: Given): T {
  try {
    return flag.read(given.get(flag) ?? []);
  } catch (error) {
    if (error instanceof FlagError) throw new FlagError(`--${flag.name}: ${error.message}`);
    throw error;
  }
}
