import { lineWidth, span } from './spans.ts';
import type { Line, Span } from './spans.ts';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Draws a cell in at most `width` cells where the column is flexible; others take what they need. */
  readonly cell: (row: Row, width: number) => Line;
  /** Takes a share of the cells that are left, within these bounds. */
  readonly flexible?: { readonly least: number; readonly most: number };
  /** Left out where the table is too wide: the highest first; undefined: never. */
  readonly drop?: number;
}

export interface TableOptions {
  readonly width: number;
  /** Ends a text that is cut. */
  readonly ellipsis: string;
}

/** A table's lines, the titles first, none wider than `width`. Columns are dropped and flexible ones shrunk until it fits. */
export function drawTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, ellipsis }: TableOptions,
): Line[] {
  let shown = columns;
  let widths = leastWidths(shown, rows);
  while (totalOf(widths) > width) {
    const next = withoutLeast(shown);
    if (next === undefined) break;
    shown = next;
    widths = leastWidths(shown, rows);
  }
  grow(widths, mostWidths(shown, rows), width - totalOf(widths));
  const draw = (line: Line, index: number): Span[] =>
    fitted(line, widths[index] ?? 0, shown[index]?.align ?? 'left', ellipsis);
  const title = shown.map((column, i) => draw([span(column.title, 'title')], i));
  const body = rows.map((row) => shown.map((column, i) => draw(column.cell(row, widths[i] ?? 0), i)));
  return [title, ...body].map((cells) => trimmed(joined(cells), width));
}

function leastWidths<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): number[] {
  return columns.map(({ title, cell, flexible }) => {
    if (flexible !== undefined) return Math.max(title.length, flexible.least);
    return rows.reduce((most, row) => Math.max(most, lineWidth(cell(row, 0))), title.length);
  });
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + Math.max(0, widths.length - 1);
}

function withoutLeast<Row>(columns: readonly Column<Row>[]): Column<Row>[] | undefined {
  const drops = columns.flatMap(({ drop }) => drop ?? []);
  if (drops.length === 0) return undefined;
  const most = Math.max(...drops);
  return columns.filter(({ drop }) => drop !== most);
}

/** How far each column may grow: not beyond what its cells can fill. */
function mostWidths<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): number[] {
  return columns.map(({ cell, flexible }) => {
    if (flexible === undefined) return 0;
    return rows.reduce((most, row) => Math.max(most, Math.min(flexible.most, lineWidth(cell(row, flexible.most)))), 0);
  });
}

/** Hands out what is left, a cell at a time to the narrowest that may still grow. */
function grow(widths: number[], most: readonly number[], left: number): void {
  for (let rest = left; rest > 0; rest--) {
    let narrowest: number | undefined;
    for (const [index, width] of widths.entries()) {
      if (width >= (most[index] ?? 0)) continue;
      if (narrowest === undefined || width < (widths[narrowest] ?? 0)) narrowest = index;
    }
    if (narrowest === undefined) return;
    widths[narrowest] = (widths[narrowest] ?? 0) + 1;
  }
}

function fitted(line: Line, width: number, align: 'left' | 'right', ellipsis: string): Span[] {
  const missing = width - lineWidth(line);
  if (missing < 0) return shortened(line, width, ellipsis);
  const blank = span(' '.repeat(missing));
  return align === 'left' ? [...line, blank] : [blank, ...line];
}

function shortened(line: Line, width: number, ellipsis: string): Span[] {
  const kept: Span[] = [];
  let left = width - ellipsis.length;
  for (const { text, tone } of line) {
    if (text.length > left) {
      kept.push(span(`${text.slice(0, Math.max(0, left))}${ellipsis}`.slice(0, width), tone));
      break;
    }
    kept.push({ text, tone });
    left -= text.length;
  }
  return kept;
}

function joined(cells: readonly Line[]): Span[] {
  return cells.flatMap((cell, index) => (index === 0 ? [...cell] : [span(' '), ...cell]));
}

/** Without blanks at the end, and not wider than the screen where even the least is. */
function trimmed(line: readonly Span[], width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const { text, tone } of line) {
    if (left <= 0) break;
    if (text !== '') kept.push(span(text.slice(0, left), tone));
    left -= text.length;
  }
  for (;;) {
    const last = kept.pop();
    if (last === undefined) return kept;
    const text = last.text.trimEnd();
    if (text === '') continue;
    kept.push(span(text, last.tone));
    return kept;
  }
}
