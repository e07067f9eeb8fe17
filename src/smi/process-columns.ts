import type { ProcessView } from '../host-view/types.ts';
import { MEMORY_TYPES } from '../snapshot/memory-types.ts';
import type { MemoryType } from '../snapshot/memory-types.ts';
import { ageText, bytesText, UNKNOWN } from '../terminal/quantities.ts';
import { printable, span } from '../terminal/spans.ts';
import type { Line, Tone } from '../terminal/spans.ts';
import type { Column } from '../terminal/table.ts';
import { chipColumn } from './chips-table.ts';
import type { ProcessRow } from './process-rows.ts';

const TYPE_TITLES: Readonly<Record<MemoryType, string>> = {
  dram: 'DRAM',
  trace: 'TRACE',
  l1: 'L1',
  l1_small: 'SMALL',
  cb: 'CB',
  kernel: 'KERN',
};

const OWNER_WORDS = { pod: 'pod', slurm_job: 'job', container: 'ctr', unit: 'unit', none: '' } as const;
/** As container tools show an id. */
const SHORT_ID = 12;

/** Columns of the table of processes. */
export function processColumns(): Column<ProcessRow>[] {
  return [
    chipColumn(({ part }) => part.device),
    { title: 'PID', align: 'right', cell: (row) => [span(printable(row.process.pid), toneOf(row))] },
    {
      title: 'NAME',
      align: 'left',
      flexible: { least: 9, most: 16 },
      cell: (row) => [span(printable(row.process.name) || UNKNOWN, toneOf(row))],
    },
    { title: 'OWNER', align: 'left', flexible: { least: 12, most: 60 }, cell: ownerCell },
    ...MEMORY_TYPES.map(memoryColumn),
    { title: 'AGE', align: 'right', cell: ({ ageSeconds }) => [span(ageText(ageSeconds))] },
  ];
}

function memoryColumn(type: MemoryType): Column<ProcessRow> {
  return {
    title: TYPE_TITLES[type],
    align: 'right',
    cell: (row) => {
      const bytes = row.part.bytes[type];
      return [span(bytesText(bytes), bytes === undefined || bytes === 0 ? 'dim' : toneOf(row))];
    },
  };
}

/** What stands out first: leaked memory, then a process that holds a chip and reports nothing. */
function ownerCell({ process, part }: ProcessRow): Line {
  const owner = ownerText(process);
  if (part.orphaned) return [span(owner === '' ? 'ORPHANED' : `ORPHANED ${owner}`, 'bad')];
  if (part.descriptors !== undefined && isSilent(part.bytes)) {
    return [span(owner === '' ? 'no report' : `no report, ${owner}`, 'warning')];
  }
  return owner === '' ? [span(UNKNOWN, 'dim')] : [span(owner)];
}

/** Whose it is, and its user where users are shown. */
export function ownerText({ owner, user }: ProcessView): string {
  const name = owner.kind === 'container' ? owner.name.slice(0, SHORT_ID) : owner.name;
  const words = [OWNER_WORDS[owner.kind], name, user === '' ? '' : `(${user})`];
  return printable(words.filter((word) => word !== '').join(' '));
}

function isSilent(bytes: Readonly<Record<MemoryType, number | undefined>>): boolean {
  return MEMORY_TYPES.every((type) => bytes[type] === undefined);
}

function toneOf({ part }: ProcessRow): Tone {
  return part.orphaned ? 'bad' : 'plain';
}
