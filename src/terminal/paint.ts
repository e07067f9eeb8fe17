import { styleText } from 'node:util';
import { plainText } from './spans.ts';
import type { Line, Tone } from './spans.ts';

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0] | undefined>> = {
  plain: undefined,
  title: 'bold',
  dim: 'gray',
  good: 'green',
  warning: 'yellow',
  bad: ['bold', 'red'],
  bar: 'cyan',
};

/** Lines as text with a newline after each, coloured if that is wanted. */
export function paint(lines: readonly Line[], colour: boolean): string {
  return lines.map((line) => `${colour ? coloured(line) : plainText(line)}\n`).join('');
}

function coloured(line: Line): string {
  return line
    .map(({ text, tone }) => {
      const style = STYLES[tone];
      return style === undefined ? text : styleText(style, text, { validateStream: false });
    })
    .join('');
}
