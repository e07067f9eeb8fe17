import type { DeviceSnapshot } from '../../snapshot/snapshot.ts';
import { CARD_STATES } from '../../sources/sysfs/types.ts';
import type { Family } from '../family.ts';

/** What a chip is, and whether it can be reached. */
export const DEVICE_INFO_FAMILIES: readonly Family[] = [
  {
    name: 'tt_device_info',
    type: 'gauge',
    unit: undefined,
    help: 'What a chip is and where it is; always 1. An empty value is not known or does not apply. All chips of a Galaxy share one serial.',
    labels: [
      'device',
      'chip_id',
      'arch',
      'board',
      'serial',
      'asic_id',
      'pci_address',
      'driver_index',
      'logical_id',
      'location',
      'gateway',
      'slot',
    ],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const device of snapshot.devices) sink.wide(1, infoOf(device));
    },
  },
  {
    name: 'tt_devices',
    type: 'gauge',
    unit: undefined,
    help: 'Tenstorrent functions on the PCI bus by state. Remote chips are not in it, nor is one whose state cannot be told, as while a read is blocked.',
    labels: ['state'],
    group: 'telemetry',
    draw(snapshot, sink) {
      if (snapshot.devicesByState === undefined) return;
      for (const state of CARD_STATES) sink.sample(snapshot.devicesByState[state], state);
    },
  },
  {
    name: 'tt_devices_expected',
    type: 'gauge',
    unit: undefined,
    help: 'How many chips this host should have, as configured with --devices.expected. Absent where it is not configured.',
    labels: [],
    group: 'telemetry',
    draw(snapshot, sink) {
      if (snapshot.devicesExpected !== undefined) sink.sample(snapshot.devicesExpected);
    },
  },
  {
    name: 'tt_device_state',
    type: 'gauge',
    unit: undefined,
    help: 'State of a chip on PCIe: 1 for the one it is in, 0 for the others. Absent where it cannot be told, as while a read is blocked. A chip whose firmware hangs reads as ok: look at its heartbeat.',
    labels: ['device', 'state'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        if (card?.state === undefined) continue;
        for (const state of CARD_STATES) sink.sample(card.state === state ? 1 : 0, label, state);
      }
    },
  },
  {
    name: 'tt_firmware_info',
    type: 'gauge',
    unit: undefined,
    help: 'Versions of the firmware on the chip by component; always 1. Blackhole publishes the bundle and the board management only.',
    labels: ['device', 'component', 'version'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        for (const { component, version } of card?.firmware ?? []) sink.sample(1, label, component, version);
      }
    },
  },
  {
    name: 'tt_driver_info',
    type: 'gauge',
    unit: undefined,
    help: 'Version of the kernel driver that is loaded; always 1. Absent where none is.',
    labels: ['version'],
    group: 'telemetry',
    draw(snapshot, sink) {
      if (snapshot.driverVersion !== undefined) sink.sample(1, snapshot.driverVersion);
    },
  },
];

function infoOf(device: DeviceSnapshot): readonly string[] {
  const { card } = device;
  return [
    device.label,
    device.chipId === undefined ? '' : `0x${hex16(device.chipId)}`,
    device.arch ?? '',
    device.board ?? '',
    device.serial === undefined ? '' : hex16(device.serial).toUpperCase(),
    card?.asicId === undefined ? '' : hex16(card.asicId).toUpperCase(),
    card?.pciAddress ?? '',
    decimal(card?.driverIndex),
    decimal(device.logicalId),
    decimal(device.location),
    device.gateway ?? '',
    // Where the card is in the chassis: no source tells it.
    '',
  ];
}

function hex16(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

function decimal(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}
