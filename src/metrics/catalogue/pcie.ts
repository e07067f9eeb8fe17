import type { Family } from '../family.ts';
import { perDevice } from './drawing.ts';

const SLOT = 'A slot or switch before the chip may allow less than the chip can.';

/** The chip's link to the host. */
export const PCIE_FAMILIES: readonly Family[] = [
  {
    name: 'tt_device_pcie_link_transfers_per_second',
    type: 'gauge',
    unit: 'transfers_per_second',
    help: 'Speed of the PCIe link as it is trained, a lane: 16e9 is generation 4. What is lost to encoding is not taken off.',
    labels: ['device'],
    group: 'telemetry',
    draw: perDevice((device) => device.card?.link.speed),
  },
  {
    name: 'tt_device_pcie_link_max_transfers_per_second',
    type: 'gauge',
    unit: 'transfers_per_second',
    help: `Largest speed of the PCIe link that the chip can do, a lane. ${SLOT}`,
    labels: ['device'],
    group: 'telemetry',
    draw: perDevice((device) => device.card?.link.maxSpeed),
  },
  {
    name: 'tt_device_pcie_link_width_lanes',
    type: 'gauge',
    unit: 'lanes',
    help: 'Lanes of the PCIe link as it is trained.',
    labels: ['device'],
    group: 'telemetry',
    draw: perDevice((device) => device.card?.link.width),
  },
  {
    name: 'tt_device_pcie_link_max_width_lanes',
    type: 'gauge',
    unit: 'lanes',
    help: `Largest number of lanes that the chip can use. ${SLOT}`,
    labels: ['device'],
    group: 'telemetry',
    draw: perDevice((device) => device.card?.link.maxWidth),
  },
  {
    name: 'tt_device_pcie_errors_total',
    type: 'counter',
    unit: undefined,
    help: "Errors that the chip's own end of the PCIe link reported, by the kernel's names, since the host booted. Those that only the root port counts are not in it.",
    labels: ['device', 'severity', 'error'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        for (const { severity, error, count } of card?.pcieErrors ?? []) sink.sample(count, label, severity, error);
      }
    },
  },
];
