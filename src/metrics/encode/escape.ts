import type { PageFormat } from '../../reader/types.ts';

/** A label value as it stands between its quotes: `\`, `"` and line feeds are escaped, the same in both formats. */
export function escapeLabelValue(value: string): string {
  return value.replace(/[\\"\n]/g, escaped);
}

/** The text of a HELP line. Only OpenMetrics escapes quotes there; in the text format a `\"` would be shown as it is. */
export function escapeHelp(help: string, format: PageFormat): string {
  return help.replace(format === 'openmetrics' ? /[\\"\n]/g : /[\\\n]/g, escaped);
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
