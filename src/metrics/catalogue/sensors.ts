import type { Card } from '../../sources/sysfs/types.ts';
import type { Family } from '../family.ts';

const THROTTLE = 'where firmware begins to throttle, not where it shuts down';
const STALE = 'A hung firmware leaves its last value: look at the heartbeat.';

/** What the driver's hwmon and attributes tell of a chip on PCIe. */
export const SENSOR_FAMILIES: readonly Family[] = [
  sensorFamily(
    'temperature',
    'celsius',
    'asic',
    `Temperature of the ASIC. Memory and board have sensors that the driver does not forward. ${STALE}`,
    (card) => card.temperature.value,
  ),
  sensorFamily('temperature_limit', 'celsius', 'asic', `Temperature ${THROTTLE}.`, (card) => card.temperature.limit),
  sensorFamily('voltage', 'volts', 'vcore', `Core voltage of the ASIC. ${STALE}`, (card) => card.voltage.value),
  sensorFamily(
    'voltage_limit',
    'volts',
    'vcore',
    'Largest core voltage that firmware sets.',
    (card) => card.voltage.limit,
  ),
  sensorFamily(
    'current',
    'amperes',
    'vcore',
    `Current of the ASIC core, in steps of 1 A. ${STALE}`,
    (card) => card.current.value,
  ),
  sensorFamily(
    'current_limit',
    'amperes',
    'vcore',
    `Current of the ASIC core ${THROTTLE}.`,
    (card) => card.current.limit,
  ),
  sensorFamily(
    'power',
    'watts',
    'vcore',
    `Power of the ASIC core, in steps of 1 W: core voltage times current, not what the board draws. ${STALE}`,
    (card) => card.power.value,
  ),
  sensorFamily(
    'power_limit',
    'watts',
    'vcore',
    `Power of the ASIC core ${THROTTLE}; the board's limit is higher.`,
    (card) => card.power.limit,
  ),
  cardFamily(
    'tt_device_fan_speed_rpm',
    'rpm',
    'Speed of the fan. Absent on boards whose fan the chip does not control.',
    (card) => card.fanRpm,
  ),
  {
    name: 'tt_device_clock_hertz',
    type: 'gauge',
    unit: 'hertz',
    help: `Clocks of the chip: the AI clock falls when nothing runs, the others hardly move. ${STALE}`,
    labels: ['device', 'clock'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        if (card === undefined) continue;
        if (card.clocks.ai !== undefined) sink.sample(card.clocks.ai, label, 'ai');
        if (card.clocks.axi !== undefined) sink.sample(card.clocks.axi, label, 'axi');
        if (card.clocks.arc !== undefined) sink.sample(card.clocks.arc, label, 'arc');
      }
    },
  },
  cardFamily(
    'tt_device_heartbeat_total',
    undefined,
    "The firmware's own counter, which moves as long as it runs; 32 bits, and how fast it moves depends on the firmware, so only whether it changes means anything.",
    (card) => card.heartbeat,
  ),
  cardFamily(
    'tt_device_thermal_trips_total',
    undefined,
    'Shutdowns for critical temperature since the power cycle. Blackhole only.',
    (card) => card.thermalTrips,
  ),
  {
    name: 'tt_device_sensor_rejected',
    type: 'gauge',
    unit: undefined,
    help: 'Readings that were there, could not be true, and were left out, by reason: 1 for each. A reading that is merely absent is not in it.',
    labels: ['device', 'sensor', 'reason'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        const rejected = card?.rejected ?? [];
        for (const [index, { sensor, reason }] of rejected.entries()) {
          // A value and its limit share the sensor's name, as do voltage, current and power.
          const first = rejected.findIndex((other) => other.sensor === sensor && other.reason === reason);
          if (first === index) sink.sample(1, label, sensor, reason);
        }
      }
    },
  },
];

/** A family with the labels `device`, `sensor` that has one sensor. */
function sensorFamily(
  quantity: string,
  unit: string,
  sensor: 'asic' | 'vcore',
  help: string,
  read: (card: Card) => number | undefined,
): Family {
  return {
    name: `tt_device_${quantity}_${unit}`,
    type: 'gauge',
    unit,
    help,
    labels: ['device', 'sensor'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        const value = card === undefined ? undefined : read(card);
        if (value !== undefined) sink.sample(value, label, sensor);
      }
    },
  };
}

/** A family with the label `device` alone, of chips on PCIe. */
function cardFamily(
  name: string,
  unit: string | undefined,
  help: string,
  read: (card: Card) => number | undefined,
): Family {
  return {
    name,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    unit,
    help,
    labels: ['device'],
    group: 'telemetry',
    draw(snapshot, sink) {
      for (const { label, card } of snapshot.devices) {
        const value = card === undefined ? undefined : read(card);
        if (value !== undefined) sink.sample(value, label);
      }
    },
  };
}
