import { HOST } from '../../alerts/generator/promql.ts';
import { HOST_COLUMN } from './parts/columns.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, most } from './parts/selectors.ts';
import { table } from './parts/table.ts';

/** Where the memory's numbers are from. */
export function trackerPanels(): PanelBuilder[] {
  return [
    series({
      title: 'Trackers by state',
      description:
        'Chips by the state of each of their trackers. unreadable, unsupported and untrusted are alerts; absent: nothing reports, which is not that nothing is allocated.',
      unit: 'none',
      decimals: 0,
      width: 12,
      height: 8,
      queries: [
        {
          expr: `count by (source, state) (tt_memory_tracker_state{${HOSTS}} == 1)`,
          legend: '{{source}}: {{state}}',
        },
      ],
    }),
    table({
      title: 'Where the numbers are from',
      description: 'Chips by the tracker whose numbers are shown, and in which dialect or layout.',
      unit: 'none',
      width: 12,
      height: 8,
      queries: [`count by (${HOST}, source, version) (tt_memory_tracker_info{${HOSTS}})`],
      columns: [
        HOST_COLUMN,
        { of: 'source', title: 'Tracker' },
        { of: 'version', title: 'Dialect or layout', width: 140 },
        { of: { value: 0 }, title: 'Chips', width: 80 },
      ],
      sortBy: 'Chips',
    }),
  ];
}

/** Regions, samples, and readings that were left out. */
export function leftOutPanels(): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    series({
      ...size,
      title: 'Regions by state',
      description: 'Shared memory regions of all chips. Those of containers that cannot be looked into are not in it.',
      unit: 'none',
      decimals: 0,
      queries: [{ expr: `sum by (state) (tt_memory_regions{${HOSTS}}) > 0`, legend: '{{state}}' }],
    }),
    series({
      ...size,
      title: 'Samples',
      description: 'Samples in an answer, the eight largest.',
      unit: 'short',
      queries: [{ expr: most(8, HOST, `max by (${HOST}) (tt_exporter_series{${HOSTS}})`), legend: '{{instance}}' }],
    }),
    series({
      ...size,
      title: 'Readings left out',
      description: 'Sensor readings that were there, could not be true, and were left out, by reason.',
      unit: 'none',
      decimals: 0,
      queries: [
        {
          expr: `count by (sensor, reason) (tt_device_sensor_rejected{${HOSTS}})`,
          legend: '{{sensor}}: {{reason}}',
        },
      ],
    }),
  ];
}
