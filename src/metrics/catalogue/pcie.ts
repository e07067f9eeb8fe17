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
  {
    name: 'tt_device_pcie_noc_bytes_total',
    type: 'counter',
    unit: 'bytes',
    help: "Payload between PCIe and the chip's two NOCs since the exporter first saw the chip, from 0: 32 bytes for each flit that the driver counts. What could not be counted for certain, as around a reset, is left out and is a read error sample_gap. Absent without --sysfs.pcie-counters, and while the counters cannot be read.",
    labels: ['device', 'noc', 'role', 'operation'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        for (const { noc, role, operation, bytes } of card?.flitCounters ?? []) {
          sink.sample(bytes, label, noc === 0 ? '0' : '1', role, operation);
        }
      }
    },
  },
];
