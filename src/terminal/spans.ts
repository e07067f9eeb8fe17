/** What a stretch of text means; a terminal with colours shows it by colour, one without by the words alone. */
export type Tone = 'plain' | 'title' | 'dim' | 'good' | 'warning' | 'bad' | 'bar';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** A line of a screen. */
export type Line = readonly Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** Its text without tones. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}

/**
 * Text of another's making, safe to put on a terminal and one cell a character: whatever is not printable ASCII becomes
 * a question mark, so that no name can move the cursor or break the columns.
 */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '?');
}

/** The line cut after so many cells. */
export function cutLine(line: Line, width: number): Line {
  const cut: Span[] = [];
  let left = width;
  for (const { text, tone } of line) {
    if (left <= 0) break;
    cut.push({ text: text.slice(0, left), tone });
    left -= text.length;
  }
  return cut;
}
