import type { HostView } from '../host-view/types.ts';
import type { OutputFacts } from '../terminal/output-facts.ts';
import { timeText } from '../terminal/quantities.ts';
import { printable, span } from '../terminal/spans.ts';
import type { Line } from '../terminal/spans.ts';
import { drawTable } from '../terminal/table.ts';
import { chipColumns } from './chips-table.ts';
import { notes } from './notes.ts';
import { processColumns } from './process-columns.ts';
import { processRows } from './process-rows.ts';

export interface SmiHead {
  readonly version: string;
  /** Of this host, or the URL that is looked at. */
  readonly host: string;
}

/** The whole answer of `smi`, as lines. */
export function smiScreen(view: HostView, head: SmiHead, { width, glyphs }: Omit<OutputFacts, 'colour'>): Line[] {
  const options = { width, ellipsis: glyphs.ellipsis };
  const rule: Line = [span(glyphs.rule.repeat(width), 'dim')];
  const lines: Line[] = [headLine(view, head, width), rule];
  if (view.chips.length === 0) lines.push([span('No Tenstorrent chip is found.', 'warning')]);
  else lines.push(...drawTable(chipColumns(glyphs), view.chips, options));
  const rows = processRows(view);
  lines.push(rule);
  if (rows.length === 0) lines.push([span('No process holds a chip or its memory.', 'dim')]);
  else lines.push(...drawTable(processColumns(), rows, options));
  const more = notes(view);
  if (more.length > 0) lines.push(rule, ...more.map((line) => shortened(line, width, glyphs.ellipsis)));
  return lines;
}

/** What is left out where the line is too narrow comes last. */
export function headLine(view: HostView, { version, host }: SmiHead, width: number): Line {
  const driver = view.driverVersion === undefined ? 'no driver' : `driver ${printable(view.driverVersion)}`;
  const time = timeText(view.takenAtSeconds);
  const left = [`tenstorrent-exporter ${version}`, driver, printable(host)]
    .join('  ')
    .slice(0, width - time.length - 2);
  return [span(left.padEnd(width - time.length), 'title'), span(time)];
}

function shortened(line: Line, width: number, ellipsis: string): Line {
  return line.map(({ text, tone }) =>
    span(text.length <= width ? text : `${text.slice(0, width - ellipsis.length)}${ellipsis}`, tone),
  );
}
