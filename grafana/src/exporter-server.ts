import { HOST } from '../../alerts/generator/promql.ts';
import { HOST_COLUMN } from './parts/columns.ts';
import { series, words } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS } from './parts/selectors.ts';
import { GREEN } from './parts/steps.ts';
import { table } from './parts/table.ts';

/** What the allocation servers are told. */
export function serverPanels(): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    table({
      ...size,
      title: 'Allocation servers',
      description:
        'Whether one answers, which, and since when. What a process allocated before that is counted in part only.',
      unit: 'none',
      queries: [
        `max by (${HOST}) (tt_allocation_server_up{${HOSTS}})`,
        `max by (${HOST}, dialect, extension) (tt_allocation_server_info{${HOSTS}})`,
        `1000 * max by (${HOST}) (tt_allocation_server_start_time_seconds{${HOSTS}})`,
      ],
      columns: [
        { ...HOST_COLUMN, width: 130 },
        {
          of: { value: 0 },
          title: 'Answers',
          width: 80,
          mappings: words({ 0: { text: 'no', color: 'text' }, 1: { text: 'yes', color: GREEN } }),
        },
        { of: 'dialect', title: 'Dialect', width: 70 },
        { of: 'extension', title: 'Extension', width: 80 },
        { of: { value: 2 }, title: 'Since', unit: 'dateTimeFromNow' },
      ],
      sortBy: 'Since',
    }),
    series({
      ...size,
      title: 'Messages',
      description: 'Messages a second that the allocation servers understood, by type. From tt-allocation-server.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (type) (rate(tt_allocation_server_messages_total{${HOSTS}}[$__rate_interval]))`,
          legend: '{{type}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Connections and messages thrown away',
      description: 'Open connections, and messages a second that made no sense, by reason.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (${HOST}) (tt_allocation_server_connections{${HOSTS}})`,
          legend: 'connections to {{instance}}',
        },
        {
          expr: `sum by (reason) (rate(tt_allocation_server_rejected_messages_total{${HOSTS}}[$__rate_interval]))`,
          legend: 'thrown away: {{reason}}',
        },
      ],
    }),
  ];
}
