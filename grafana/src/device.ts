import type { Limits } from './parts/limits.ts';
import { links, telemetry } from './device-hardware.ts';
import { memoryDetail, memoryPanels } from './device-memory.ts';
import { DEVICE, promql } from '../../alerts/generator/promql.ts';
import type { Page } from './parts/page.ts';
import { stat } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { CHIPS, orNone } from './parts/selectors.ts';
import { badAbove, GREEN, RED } from './parts/steps.ts';
import { table } from './parts/table.ts';
import { CHIP_COLUMN, HOST_COLUMN } from './parts/columns.ts';
import { percent } from './parts/text.ts';

/** What is this chip doing, and who holds its memory? */
export function devicePage(limits: Limits): Page {
  return {
    name: 'device',
    title: 'Device',
    description: 'What is this chip doing, and who holds its memory? Choose a host and a chip at the top.',
    from: 'now-1h',
    chips: true,
    panels: [...numbers(limits), ...memoryPanels(limits), ...telemetry(limits)],
    rows: [
      { title: 'Memory in detail', panels: memoryDetail(limits) },
      { title: 'PCIe, fans and firmware', panels: links(limits) },
      { title: 'Which chip it is', panels: [identity()] },
    ],
  };
}

function numbers(limits: Limits): PanelBuilder[] {
  const size = { width: 4, height: 3 };
  return [
    stat({
      ...size,
      title: 'Not well',
      description: 'Chosen chips that are resetting, whose firmware is down, or that cannot be reached.',
      unit: 'none',
      expr: `count(tt_device_state{${CHIPS}, state!="ok"} == 1) or 0 * count(tt_device_state{${CHIPS}})`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'DRAM of the fullest',
      description: `Share of DRAM that is allocated on the fullest of them. Above ${percent(limits.almostFull)}, and still moving, is an alert.`,
      unit: 'percentunit',
      decimals: 1,
      expr: promql`
        max(
          sum by (${DEVICE}) (tt_device_dram_allocated_bytes{${CHIPS}})
            / on (${DEVICE}) max by (${DEVICE}) (tt_dram_capacity_bytes{${CHIPS}})
        )`,
      steps: badAbove(limits.almostFull),
    }),
    stat({
      ...size,
      title: 'L1 of the fullest',
      description: 'Share of L1 that is allocated, without circular buffers, which may be a high-water mark.',
      unit: 'percentunit',
      decimals: 1,
      expr: promql`
        max(
          sum by (${DEVICE}) (tt_device_l1_allocated_bytes{${CHIPS}, type!="cb"})
            / on (${DEVICE}) max by (${DEVICE}) (tt_l1_capacity_bytes{${CHIPS}})
        )`,
    }),
    stat({
      ...size,
      title: 'Below the throttle',
      description: `How far the hottest of them is below where firmware throttles. Less than ${limits.marginCelsius} °C for long is an alert.`,
      unit: 'celsius',
      decimals: 1,
      expr: promql`
        min(
          tt_device_temperature_limit_celsius{${CHIPS}} - on (${DEVICE}, sensor) tt_device_temperature_celsius{${CHIPS}}
        )`,
      steps: [
        { value: null, color: RED },
        { value: limits.marginCelsius, color: GREEN },
      ],
    }),
    stat({
      ...size,
      title: 'Power of the cores',
      description: 'Sum over the ASIC cores: not what the boards draw.',
      unit: 'watt',
      decimals: 2,
      expr: `sum(tt_device_power_watts{${CHIPS}})`,
    }),
    stat({
      ...size,
      title: 'Hearts that stand still',
      description: 'Chips whose firmware counts no heartbeats: it hangs, and every sensor shows its last value.',
      unit: 'none',
      expr: orNone(`count(rate(tt_device_heartbeat_total{${CHIPS}}[$__rate_interval]) == 0)`),
      steps: badAbove(1),
    }),
  ];
}

function identity(): PanelBuilder {
  return table({
    title: 'Chips',
    description:
      'What each chosen chip is and where it is. An empty cell is not known or does not apply. All chips of a Galaxy share a serial number.',
    unit: 'none',
    width: 24,
    height: 9,
    queries: [
      promql`
        tt_device_info{${CHIPS}}
          * on (${DEVICE}) group_left (cores, source) tt_capacity_info{${CHIPS}}
        or on (${DEVICE}) tt_device_info{${CHIPS}}`,
      `count by (${DEVICE}, version) (tt_firmware_info{${CHIPS}, component="bundle"})`,
    ],
    columns: [
      HOST_COLUMN,
      CHIP_COLUMN,
      { of: 'board', title: 'Board', width: 150 },
      { of: 'arch', title: 'Architecture', width: 110 },
      { of: 'pci_address', title: 'PCI address', width: 130 },
      { of: 'driver_index', title: '/dev/tenstorrent/', width: 140 },
      { of: 'logical_id', title: 'TT-Metal', width: 90 },
      { of: 'serial', title: 'Serial' },
      { of: 'chip_id', title: 'Chip id' },
      { of: 'cores', title: 'Cores', width: 70 },
      { of: 'source', title: 'Capacity from', width: 150 },
      { of: 'version', title: 'Firmware', width: 100 },
      { of: { value: 0 }, title: 'Seen', width: 60 },
    ],
    sortBy: 'Seen',
  });
}
