import { HOST } from '../../alerts/generator/promql.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, most } from './parts/selectors.ts';
import { table } from './parts/table.ts';

/** Boards, firmware and drivers; heat and power. */
export function fleetInventory(): PanelBuilder[] {
  const size = { width: 8, height: 7, unit: 'none' };
  return [
    table({
      ...size,
      title: 'Boards',
      description: 'How many chips of which board.',
      queries: [`count by (board, arch) (tt_device_info{${HOSTS}})`],
      columns: [
        { of: 'board', title: 'Board' },
        { of: 'arch', title: 'Architecture' },
        { of: { value: 0 }, title: 'Chips', width: 80 },
      ],
      sortBy: 'Chips',
    }),
    table({
      ...size,
      title: 'Firmware bundles',
      description: 'How many chips have which firmware. Several on one host and architecture is an alert.',
      queries: [`count by (version) (tt_firmware_info{${HOSTS}, component="bundle"})`],
      columns: [
        { of: 'version', title: 'Version' },
        { of: { value: 0 }, title: 'Chips', width: 80 },
      ],
      sortBy: 'Chips',
    }),
    table({
      ...size,
      title: 'Drivers',
      description: 'How many hosts have which kernel driver.',
      queries: [`count by (version) (tt_driver_info{${HOSTS}})`],
      columns: [
        { of: 'version', title: 'Version' },
        { of: { value: 0 }, title: 'Hosts', width: 80 },
      ],
      sortBy: 'Hosts',
    }),
    series({
      width: 12,
      height: 8,
      title: 'Temperature by host',
      description: 'The hottest chip of each of the eight hottest hosts.',
      unit: 'celsius',
      queries: [
        { expr: most(8, HOST, `max by (${HOST}) (tt_device_temperature_celsius{${HOSTS}})`), legend: '{{instance}}' },
      ],
    }),
    series({
      width: 12,
      height: 8,
      title: 'Power by host',
      description: 'Power of the ASIC cores of each of the eight hosts that take most.',
      unit: 'watt',
      stacked: true,
      queries: [{ expr: most(8, HOST, `sum by (${HOST}) (tt_device_power_watts{${HOSTS}})`), legend: '{{instance}}' }],
    }),
  ];
}
