import type { ChipView } from '../host-view/types.ts';
import { chipColumns } from '../smi/chips-table.ts';
import { ownerText } from '../smi/process-columns.ts';
import { history } from '../terminal/bar.ts';
import type { Glyphs } from '../terminal/glyphs.ts';
import { ageText, bytesText, UNKNOWN } from '../terminal/quantities.ts';
import { printable, span } from '../terminal/spans.ts';
import type { Line, Span, Tone } from '../terminal/spans.ts';
import type { Column } from '../terminal/table.ts';
import type { HistoryBook } from './history-book.ts';
import type { SortKey, TopRow } from './top-rows.ts';

/** Columns of smi that give way to the history. */
const LEFT_OUT = ['PCI ADDRESS', 'SERIAL'];

/** A line for each chip, with its DRAM over time. */
export function topChipColumns(glyphs: Glyphs, book: HistoryBook): Column<ChipView>[] {
  const columns = chipColumns(glyphs)
    .filter(({ title }) => !LEFT_OUT.includes(title))
    .map((column) => (column.title === 'CLOCK' ? { ...column, drop: 1 } : column));
  const past: Column<ChipView> = {
    title: 'DRAM HISTORY',
    align: 'left',
    flexible: { least: 12, most: 60 },
    cell: ({ device }, width) => [span(history(book.shares(device), width, glyphs), 'bar')],
  };
  return [...columns, past];
}

/** A line for each process; the column that is sorted by is marked. */
export function topProcessColumns(sort: SortKey, reverse: boolean, glyphs: Glyphs): Column<TopRow>[] {
  const mark = (key: SortKey, title: string): string => {
    if (key !== sort) return title;
    const rising = (key === 'pid' || key === 'name') !== reverse;
    return `${title}${rising ? glyphs.up : glyphs.down}`;
  };
  return [
    { title: mark('pid', 'PID'), align: 'right', cell: (row) => [span(printable(row.process.pid), toneOf(row))] },
    {
      title: mark('name', 'NAME'),
      align: 'left',
      flexible: { least: 10, most: 16 },
      cell: (row) => [span(printable(row.process.name) || UNKNOWN, toneOf(row))],
    },
    {
      title: 'CHIPS',
      align: 'left',
      flexible: { least: 5, most: 12 },
      cell: ({ process }) => [chipsSpan(process.chips)],
    },
    { title: 'OWNER', align: 'left', flexible: { least: 10, most: 60 }, cell: (row): Line => [ownerSpan(row)] },
    { title: mark('dram', 'DRAM'), align: 'right', cell: (row) => [bytesSpan(row, row.dram)] },
    { title: mark('l1', 'L1'), align: 'right', cell: (row) => [bytesSpan(row, row.l1)] },
    { title: 'CB', align: 'right', drop: 2, cell: (row) => [bytesSpan(row, row.bytes.cb)] },
    { title: 'TRACE', align: 'right', drop: 3, cell: (row) => [bytesSpan(row, row.bytes.trace)] },
    { title: mark('growth', '+/MIN'), align: 'right', cell: ({ growth }) => [growthSpan(growth)] },
    { title: mark('age', 'AGE'), align: 'right', cell: ({ ageSeconds }) => [span(ageText(ageSeconds))] },
  ];
}

function chipsSpan(chips: TopRow['process']['chips']): Span {
  const names = chips.map(({ device }) => printable(device)).join(',');
  return span(chips.length <= 3 ? names || UNKNOWN : `${chips.length} chips`);
}

function ownerSpan({ process, orphaned, silent }: TopRow): Span {
  const owner = ownerText(process);
  if (orphaned) return span(owner === '' ? 'ORPHANED' : `ORPHANED ${owner}`, 'bad');
  if (silent) return span(owner === '' ? 'no report' : `no report, ${owner}`, 'warning');
  return owner === '' ? span(UNKNOWN, 'dim') : span(owner);
}

function bytesSpan(row: TopRow, bytes: number | undefined): Span {
  return span(bytesText(bytes), bytes === undefined || bytes === 0 ? 'dim' : toneOf(row));
}

function growthSpan(growth: number | undefined): Span {
  if (growth === undefined) return span(UNKNOWN, 'dim');
  const bytes = Math.round(growth);
  if (bytes === 0) return span('0', 'dim');
  return span(bytes > 0 ? `+${bytesText(bytes)}` : bytesText(bytes), bytes > 0 ? 'warning' : 'good');
}

function toneOf({ orphaned }: TopRow): Tone {
  return orphaned ? 'bad' : 'plain';
}
