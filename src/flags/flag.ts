/** Sections of `--help` and of the table in the README. */
export type FlagGroup = 'web' | 'sources' | 'reader' | 'socket' | 'terminal' | 'check' | 'log' | 'general';

/** One flag: parsing, `--help` and the documentation are made from these. */
export interface Flag<T> {
  /** Without dashes: `web.listen-address`. */
  readonly name: string;
  readonly group: FlagGroup;
  /** Sentences that say what it does, ending with a full stop. */
  readonly help: string;
  /** What stands for the value in `--help`; undefined for a switch (`--name`, `--no-name`). */
  readonly placeholder: string | undefined;
  /** The default as a user would write it; '' where there is none. */
  readonly defaultText: string;
  readonly repeatable: boolean;
  /** The words that its value can be; undefined where it is anything else. */
  readonly choices?: readonly string[];
  /** Of one letter, without its dash. */
  readonly short?: string;
  /** The value that the flag has where it is given alone; a next argument that begins with a dash is none. */
  readonly bare?: string;
  /** Of the texts that were given, in order (none: the default holds). Throws FlagError. A switch is given `true` or `false`. */
  read(texts: readonly string[]): T;
}

interface FlagText {
  readonly name: string;
  readonly group: FlagGroup;
  readonly help: string;
}

interface ValueFlagText extends FlagText {
  readonly placeholder: string;
  readonly choices?: readonly string[];
}

/** A flag with a value and a default: the last one given wins. */
export function valueFlag<T>(
  text: ValueFlagText & { readonly defaultText: string },
  parse: (text: string) => T,
): Flag<T> {
  return { ...text, repeatable: false, read: (texts) => parse(texts.at(-1) ?? text.defaultText) };
}

/** A flag with a value and no default. */
export function optionalFlag<T>(text: ValueFlagText, parse: (text: string) => T): Flag<T | undefined> {
  const read = (texts: readonly string[]): T | undefined => {
    const last = texts.at(-1);
    return last === undefined ? undefined : parse(last);
  };
  return { ...text, defaultText: '', repeatable: false, read };
}

/** A flag whose value may be left out: given alone it means `bare`. */
export function optionalValueFlag<T>(
  text: ValueFlagText & { readonly bare: string },
  parse: (text: string) => T,
): Flag<T | undefined> {
  return { ...optionalFlag(text, parse), bare: text.bare };
}

/** A flag that may be given several times and has no default. */
export function listFlag<T>(text: ValueFlagText, parse: (text: string) => T): Flag<readonly T[]> {
  return { ...text, defaultText: '', repeatable: true, read: (texts) => texts.map(parse) };
}

/** A flag that may be given several times; any given ones take the place of the default. */
export function repeatableFlag<T>(
  text: ValueFlagText & { readonly defaultText: string },
  parse: (text: string) => T,
): Flag<readonly T[]> {
  const read = (texts: readonly string[]): T[] => (texts.length === 0 ? [text.defaultText] : texts).map(parse);
  return { ...text, repeatable: true, read };
}

/** `--name` and `--no-name`: the last one given wins. */
export function switchFlag(text: FlagText & { readonly on: boolean; readonly short?: string }): Flag<boolean> {
  const { on, ...rest } = text;
  const read = (texts: readonly string[]): boolean => (texts.at(-1) ?? String(on)) === 'true';
  return { ...rest, placeholder: undefined, defaultText: on ? 'on' : 'off', repeatable: false, read };
}
