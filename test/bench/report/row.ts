/** A line of the table: cells as text, '' where there is nothing to say. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly go: string;
  readonly promClient: string;
  /** Ours by Go's. */
  readonly ofGo: string;
  /** prom-client's by ours. */
  readonly timesFaster: string;
  readonly target: string;
}

export const EMPTY_ROW: Row = { what: '', ours: '', go: '', promClient: '', ofGo: '', timesFaster: '', target: '' };

const HEADINGS: Row = {
  what: '',
  ours: 'tenstorrent-exporter',
  go: 'Go client_golang',
  promClient: 'prom-client',
  ofGo: 'of Go',
  timesFaster: 'prom-client ÷ ours',
  target: 'targets',
};
const COLUMNS = ['what', 'ours', 'go', 'promClient', 'ofGo', 'timesFaster', 'target'] as const;

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const cells = [HEADINGS, ...rows].map((row) => COLUMNS.map((column) => row[column]));
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const [head = [], ...body] = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...body].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
