import { DEVICE, HOST, promql } from '../../alerts/generator/promql.ts';
import { HOST_COLUMN } from './parts/columns.ts';
import { DRAM, DRAM_CAPACITY } from './fleet-memory.ts';
import type { Limits } from './parts/limits.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS } from './parts/selectors.ts';
import { badAbove, GREEN, RED } from './parts/steps.ts';
import { table } from './parts/table.ts';

const L1 = `sum by (${HOST}) (tt_device_l1_allocated_bytes{${HOSTS}})`;
const NEAR_LIMIT = promql`
  max by (${HOST}) (
    tt_device_temperature_celsius{${HOSTS}} - on (${DEVICE}, sensor) tt_device_temperature_limit_celsius{${HOSTS}}
  )`;

/** A row for each host. */
export function hostsTable(limits: Limits): PanelBuilder {
  return table({
    title: 'Hosts',
    description:
      'Each host: its chips that are well and not, memory, what is orphaned, who uses chips, heat and power. A click on the host shows its chips.',
    unit: 'none',
    width: 24,
    height: 7,
    queries: [
      `sum by (${HOST}) (tt_devices{${HOSTS}, state="ok"})`,
      `sum by (${HOST}) (tt_devices{${HOSTS}, state!="ok"})`,
      `${DRAM} / on (${HOST}) ${DRAM_CAPACITY}`,
      DRAM,
      L1,
      `sum by (${HOST}) (tt_dram_orphaned_bytes{${HOSTS}})`,
      `count by (${HOST}) (count by (${HOST}, pid) (tt_process_open_devices{${HOSTS}}))`,
      `max by (${HOST}) (tt_device_temperature_celsius{${HOSTS}})`,
      NEAR_LIMIT,
      `sum by (${HOST}) (tt_device_power_watts{${HOSTS}})`,
    ],
    columns: [
      { ...HOST_COLUMN, width: 220 },
      { of: { value: 0 }, title: 'Chips', width: 70 },
      { of: { value: 1 }, title: 'Not well', width: 80, steps: badAbove(1) },
      { of: { value: 2 }, title: 'DRAM share', unit: 'percentunit', gauge: true, steps: badAbove(limits.almostFull) },
      { of: { value: 3 }, title: 'DRAM', unit: 'bytes', width: 100 },
      { of: { value: 4 }, title: 'L1', unit: 'bytes', width: 100 },
      { of: { value: 5 }, title: 'Orphaned DRAM', unit: 'bytes', width: 125, steps: badAbove(1) },
      { of: { value: 6 }, title: 'Processes', width: 90 },
      { of: { value: 7 }, title: 'Hottest', unit: 'celsius', width: 90, decimals: 0 },
      {
        of: { value: 8 },
        title: 'From limit',
        unit: 'celsius',
        width: 100,
        decimals: 0,
        steps: [
          { value: null, color: GREEN },
          { value: -limits.marginCelsius, color: RED },
        ],
      },
      { of: { value: 9 }, title: 'Power', unit: 'watt', width: 90, decimals: 0 },
    ],
    sortBy: 'DRAM share',
  });
}
