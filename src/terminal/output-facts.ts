import { ASCII_GLYPHS, UNICODE_GLYPHS } from './glyphs.ts';
import type { Glyphs } from './glyphs.ts';

/** What an output can show. */
export interface OutputFacts {
  readonly width: number;
  readonly colour: boolean;
  readonly glyphs: Glyphs;
}

/** The part of a stream that is looked at. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const LEAST_WIDTH = 80;
const MOST_WIDTH = 200;
/** A pipe has no width: wide enough that nothing is left out. */
const PIPE_WIDTH = 160;

/**
 * What to draw for this output. Colours: on a terminal unless `NO_COLOR` (no-color.org), `TERM=dumb` or the flag says
 * otherwise. Unicode: where the locale is UTF-8, or nothing says which it is. `COLUMNS` counts where there is no terminal.
 */
export function outputFacts(
  stream: OutputStream,
  env: Readonly<NodeJS.ProcessEnv>,
  choice: { readonly colour: boolean; readonly ascii: boolean },
): OutputFacts {
  const terminal = stream.isTTY === true;
  const told = Number(env['COLUMNS']);
  const columns = terminal ? stream.columns : Number.isInteger(told) && told > 0 ? told : PIPE_WIDTH;
  const noColour = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    width: Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, columns ?? LEAST_WIDTH)),
    colour: terminal && choice.colour && !noColour,
    glyphs: choice.ascii || !isUtf8(env) ? ASCII_GLYPHS : UNICODE_GLYPHS,
  };
}

/** By the first of these that is set, as setlocale(3) has it. */
function isUtf8(env: Readonly<NodeJS.ProcessEnv>): boolean {
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
