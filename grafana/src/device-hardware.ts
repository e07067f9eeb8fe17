import { DEVICE, HOST, promql } from '../../alerts/generator/promql.ts';
import { CHIP_COLUMN, HOST_COLUMN } from './parts/columns.ts';
import type { Limits } from './parts/limits.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { CHIPS, most } from './parts/selectors.ts';
import { badAbove } from './parts/steps.ts';
import { table } from './parts/table.ts';

const LEGEND = '{{device}} of {{instance}}';
const LIMIT = '/limit/';

/** Heat, power, clocks. A hung firmware leaves the last values: the heartbeat tells. */
export function telemetry(limits: Limits): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  const hottest = (family: string) => most(8, DEVICE, `max by (${DEVICE}) (${family}{${CHIPS}})`);
  return [
    series({
      ...size,
      title: 'Temperature',
      description: `Of the ASIC, the eight hottest. Dashed: the lowest temperature where firmware throttles; within ${limits.marginCelsius} °C of it for long is an alert.`,
      unit: 'celsius',
      dashed: LIMIT,
      queries: [
        { expr: hottest('tt_device_temperature_celsius'), legend: LEGEND },
        { expr: `min(tt_device_temperature_limit_celsius{${CHIPS}})`, legend: 'lowest limit' },
      ],
    }),
    series({
      ...size,
      title: 'Power',
      description: 'Of the ASIC cores, the eight highest. Dashed: the lowest power where firmware throttles.',
      unit: 'watt',
      dashed: LIMIT,
      queries: [
        { expr: hottest('tt_device_power_watts'), legend: LEGEND },
        { expr: `min(tt_device_power_limit_watts{${CHIPS}})`, legend: 'lowest limit' },
      ],
    }),
    series({
      ...size,
      title: 'AI clock',
      description: 'Falls when nothing runs: the nearest thing to "busy" that the host can see.',
      unit: 'hertz',
      queries: [
        { expr: most(8, DEVICE, `max by (${DEVICE}) (tt_device_clock_hertz{${CHIPS}, clock="ai"})`), legend: LEGEND },
      ],
    }),
  ];
}

/** The link to the host, what else the driver forwards, and what was left out of it. */
export function links(limits: Limits): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    series({
      ...size,
      title: 'Current',
      description: 'Of the ASIC cores, in steps of 1 A. Dashed: where firmware throttles.',
      unit: 'amp',
      dashed: LIMIT,
      queries: [
        { expr: most(8, DEVICE, `max by (${DEVICE}) (tt_device_current_amperes{${CHIPS}})`), legend: LEGEND },
        { expr: `min(tt_device_current_limit_amperes{${CHIPS}})`, legend: 'lowest limit' },
      ],
    }),
    series({
      ...size,
      title: 'Core voltage',
      description: 'Of the ASIC. Dashed: the largest that firmware sets.',
      unit: 'volt',
      dashed: LIMIT,
      queries: [
        { expr: most(8, DEVICE, `max by (${DEVICE}) (tt_device_voltage_volts{${CHIPS}})`), legend: LEGEND },
        { expr: `min(tt_device_voltage_limit_volts{${CHIPS}})`, legend: 'lowest limit' },
      ],
    }),
    series({
      ...size,
      title: 'Fan',
      description: 'Absent on boards whose fan the chip does not control.',
      unit: 'rotrpm',
      queries: [{ expr: most(8, DEVICE, `max by (${DEVICE}) (tt_device_fan_speed_rpm{${CHIPS}})`), legend: LEGEND }],
    }),
    series({
      ...size,
      title: 'Payload over PCIe',
      description: "Between PCIe and the chip's networks, by direction as the driver counts it, all chosen chips.",
      unit: 'binBps',
      queries: [
        {
          expr: `sum by (role, operation) (rate(tt_device_pcie_noc_bytes_total{${CHIPS}}[$__rate_interval]))`,
          legend: '{{role}} {{operation}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'PCIe errors',
      description: `Errors that the chips' own ends report. More than ${limits.correctablePerSecond} correctable ones a second, or any other, is an alert.`,
      unit: 'ops',
      queries: [
        {
          expr: `sum by (severity) (rate(tt_device_pcie_errors_total{${CHIPS}}[$__rate_interval]))`,
          legend: '{{severity}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Heartbeats and thermal trips',
      description:
        'Heartbeats a second of the slowest chip of each host: only 0 means something. Thermal trips, shutdowns for critical temperature, within the time shown: any is an alert.',
      unit: 'short',
      queries: [
        {
          expr: `min by (${HOST}) (rate(tt_device_heartbeat_total{${CHIPS}}[$__rate_interval]))`,
          legend: 'slowest heart of {{instance}}',
        },
        {
          expr: `sum by (${HOST}) (increase(tt_device_thermal_trips_total{${CHIPS}}[$__range]))`,
          legend: 'trips of {{instance}}',
        },
      ],
    }),
    table({
      title: 'PCIe links',
      description:
        'Speed a lane and lanes as trained, and the most that the chip can do. A slot may allow less; less than the chip had before is an alert.',
      unit: 'short',
      width: 12,
      height: 8,
      queries: [
        `max by (${DEVICE}) (tt_device_pcie_link_transfers_per_second{${CHIPS}}) / 1e9`,
        `max by (${DEVICE}) (tt_device_pcie_link_max_transfers_per_second{${CHIPS}}) / 1e9`,
        `max by (${DEVICE}) (tt_device_pcie_link_width_lanes{${CHIPS}})`,
        `max by (${DEVICE}) (tt_device_pcie_link_max_width_lanes{${CHIPS}})`,
      ],
      columns: [
        HOST_COLUMN,
        CHIP_COLUMN,
        { of: { value: 0 }, title: 'GT/s', unit: 'none', width: 110 },
        { of: { value: 1 }, title: 'GT/s at most', unit: 'none', width: 120 },
        { of: { value: 2 }, title: 'Lanes', unit: 'none', width: 100 },
        { of: { value: 3 }, title: 'Lanes at most', unit: 'none', width: 130 },
      ],
      sortBy: 'Chip',
    }),
    table({
      title: 'Firmware and readings left out',
      description:
        'Versions of the firmware by component, and how many readings of the chip could not be true and were left out.',
      unit: 'none',
      width: 12,
      height: 8,
      queries: [
        promql`
          0 * count by (${DEVICE}, component, version) (tt_firmware_info{${CHIPS}})
            + on (${DEVICE}) group_left () count by (${DEVICE}) (tt_device_sensor_rejected{${CHIPS}})
          or on (${DEVICE}) 0 * count by (${DEVICE}, component, version) (tt_firmware_info{${CHIPS}})`,
      ],
      columns: [
        HOST_COLUMN,
        CHIP_COLUMN,
        { of: 'component', title: 'Component' },
        { of: 'version', title: 'Version' },
        { of: { value: 0 }, title: 'Left out', width: 90, steps: badAbove(1) },
      ],
      sortBy: 'Left out',
    }),
  ];
}
