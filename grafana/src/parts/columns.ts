import { addressOf } from './page.ts';
import type { Column } from './table.ts';

const KEPT = '${__url_time_range}&${datasource:queryparam}&${job:queryparam}';

/** Columns that several tables have, each with a way to the dashboard that says more. */
export const HOST_COLUMN: Column = {
  of: 'instance',
  title: 'Host',
  width: 160,
  link: { title: 'All chips of this host', url: `${addressOf('device')}?${KEPT}&var-instance=\${__value.text}` },
};

export const CHIP_COLUMN: Column = {
  of: 'device',
  title: 'Chip',
  width: 70,
  link: {
    title: 'This chip',
    url: `${addressOf('device')}?${KEPT}&var-instance=\${__data.fields.Host}&var-device=\${__value.text}`,
  },
};

export const MEMORY_COLUMN: Column = { of: 'memory', title: 'Memory', width: 80 };

/** Who a process is; `owner` comes from withOwner(). */
export const OWNER_COLUMNS: readonly Column[] = [
  { of: 'comm', title: 'Process', width: 150 },
  { of: 'pid', title: 'PID', width: 90 },
  { of: 'owner', title: 'Belongs to' },
];
