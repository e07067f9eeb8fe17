import type { ChipView } from '../host-view/types.ts';
import type { CardState, SensorReading } from '../sources/sysfs/types.ts';
import type { Glyphs } from '../terminal/glyphs.ts';
import { memoryCell } from '../terminal/memory-cell.ts';
import { UNKNOWN } from '../terminal/quantities.ts';
import { printable, span } from '../terminal/spans.ts';
import type { Line, Span, Tone } from '../terminal/spans.ts';
import type { Column } from '../terminal/table.ts';

const STATE_WORDS: Readonly<Record<CardState, string>> = {
  ok: 'ok',
  resetting: 'resetting',
  firmware_down: 'fw down',
  unreachable: 'all ones',
  no_driver: 'no driver',
};

/** A region that no card explains has a name of 18 characters, others one of two. */
export function chipColumn<Row>(read: (row: Row) => string): Column<Row> {
  const flexible = { least: 4, most: 18 };
  return { title: 'CHIP', align: 'left', flexible, cell: (row) => [span(printable(read(row)))] };
}

/** Columns of the table of chips. */
export function chipColumns(glyphs: Glyphs): Column<ChipView>[] {
  return [
    chipColumn(({ device }) => device),
    { title: 'BOARD', align: 'left', flexible: { least: 6, most: 16 }, cell: ({ board }) => [optional(board)] },
    { title: 'STATE', align: 'left', cell: (chip) => [stateSpan(chip)] },
    { title: 'TEMP', align: 'right', cell: ({ temperature }) => [sensorSpan(temperature, glyphs.degree)] },
    { title: 'POWER', align: 'right', cell: ({ power }) => [sensorSpan(power, 'W')] },
    { title: 'CLOCK', align: 'right', cell: ({ clockHertz }) => [clockSpan(clockHertz)] },
    memoryColumn('DRAM', glyphs, ({ dram }) => dram),
    memoryColumn('L1', glyphs, ({ l1 }) => l1),
    { title: 'PCI ADDRESS', align: 'left', drop: 1, cell: ({ pciAddress }) => [optional(pciAddress)] },
    { title: 'SERIAL', align: 'left', drop: 2, cell: ({ serial }) => [optional(serial)] },
  ];
}

function memoryColumn(title: string, glyphs: Glyphs, read: (chip: ChipView) => ChipView['dram']): Column<ChipView> {
  return {
    title,
    align: 'left',
    flexible: { least: 17, most: 38 },
    cell: (chip, width): Line => memoryCell(read(chip), width, glyphs),
  };
}

/** A chip's state in a word or two. */
function stateSpan({ state, gateway }: ChipView): Span {
  if (state === undefined) return gateway === undefined ? span('unknown', 'warning') : span(`via ${gateway}`);
  return span(STATE_WORDS[state], state === 'ok' ? 'good' : 'bad');
}

/** A reading, loud where it is near its limit or over it. */
function sensorSpan({ value, limit }: SensorReading, unit: string): Span {
  if (value === undefined) return span(UNKNOWN, 'dim');
  return span(`${value.toFixed(0)}${unit}`, toneOfReading(value, limit));
}

function toneOfReading(value: number, limit: number | undefined): Tone {
  if (limit === undefined || limit <= 0) return 'plain';
  if (value >= limit) return 'bad';
  return value > 0.9 * limit ? 'warning' : 'plain';
}

function clockSpan(hertz: number | undefined): Span {
  return hertz === undefined ? span(UNKNOWN, 'dim') : span(`${(hertz / 1e6).toFixed(0)}MHz`);
}

function optional(text: string | undefined): Span {
  return text === undefined || text === '' ? span(UNKNOWN, 'dim') : span(printable(text));
}
