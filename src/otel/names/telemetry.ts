import { counter, gauge, upDown } from '../otel-metric.ts';
import type { OtelMetric } from '../otel-metric.ts';

const DECIMAL = { valueType: 'double' } as const;
const STATE = { attributes: { state: 'tenstorrent.device.state' } } as const;

/** Where firmware begins to throttle, in the conventions' words. */
const THROTTLES = { fixed: { 'hw.limit_type': 'high.degraded' } } as const;
const LARGEST = { fixed: { 'hw.limit_type': 'max' } } as const;

/** Chips and their sensors. Current, clocks and the PCIe link have no convention. */
export const TELEMETRY_METRICS: readonly OtelMetric[] = [
  gauge('tt_device_info', 'tenstorrent.device.info', '1', {
    attributes: {
      board: 'hw.model',
      serial: 'hw.serial_number',
      chip_id: 'tenstorrent.chip.id',
      arch: 'tenstorrent.arch',
      asic_id: 'tenstorrent.asic.id',
      pci_address: 'tenstorrent.pci.address',
      driver_index: 'tenstorrent.driver.index',
      logical_id: 'tenstorrent.device.logical_id',
      location: 'tenstorrent.asic.location',
      gateway: 'tenstorrent.device.gateway',
      slot: 'tenstorrent.device.slot',
    },
  }),
  upDown('tt_devices', 'tenstorrent.devices', '{device}', STATE),
  upDown('tt_devices_expected', 'tenstorrent.devices.expected', '{device}'),
  upDown('tt_device_state', 'tenstorrent.device.state', '1', STATE),
  upDown('tt_device_state', 'hw.status', '1', { component: 'gpu', status: true }),
  gauge('tt_firmware_info', 'tenstorrent.firmware.info', '1', {
    attributes: { component: 'tenstorrent.firmware.component', version: 'hw.firmware_version' },
  }),
  gauge('tt_driver_info', 'tenstorrent.driver.info', '1', { attributes: { version: 'hw.driver_version' } }),
  gauge('tt_device_temperature_celsius', 'hw.temperature', 'Cel', { ...DECIMAL, component: 'temperature' }),
  gauge('tt_device_temperature_limit_celsius', 'hw.temperature.limit', 'Cel', {
    ...DECIMAL,
    ...THROTTLES,
    component: 'temperature',
  }),
  gauge('tt_device_voltage_volts', 'hw.voltage', 'V', { ...DECIMAL, component: 'voltage' }),
  gauge('tt_device_voltage_limit_volts', 'hw.voltage.limit', 'V', { ...DECIMAL, ...LARGEST, component: 'voltage' }),
  gauge('tt_device_current_amperes', 'tenstorrent.current', 'A', DECIMAL),
  gauge('tt_device_current_limit_amperes', 'tenstorrent.current.limit', 'A', { ...DECIMAL, ...THROTTLES }),
  gauge('tt_device_power_watts', 'hw.power', 'W', { ...DECIMAL, component: 'gpu' }),
  gauge('tt_device_power_limit_watts', 'tenstorrent.power.limit', 'W', { ...DECIMAL, ...THROTTLES }),
  gauge('tt_device_fan_speed_rpm', 'hw.fan.speed', 'rpm', { ...DECIMAL, component: 'fan' }),
  gauge('tt_device_clock_hertz', 'tenstorrent.clock.frequency', 'Hz', DECIMAL),
  counter('tt_device_heartbeat_total', 'tenstorrent.firmware.heartbeat', '{beat}'),
  counter('tt_device_thermal_trips_total', 'tenstorrent.thermal_trips', '{trip}'),
  gauge('tt_device_sensor_rejected', 'tenstorrent.sensor.rejected', '1'),
  gauge('tt_device_pcie_link_transfers_per_second', 'tenstorrent.pcie.link.speed', '{transfer}/s', DECIMAL),
  gauge('tt_device_pcie_link_max_transfers_per_second', 'tenstorrent.pcie.link.speed.limit', '{transfer}/s', DECIMAL),
  gauge('tt_device_pcie_link_width_lanes', 'tenstorrent.pcie.link.width', '{lane}'),
  gauge('tt_device_pcie_link_max_width_lanes', 'tenstorrent.pcie.link.width.limit', '{lane}'),
  counter('tt_device_pcie_errors_total', 'hw.errors', '{error}', {
    since: 'boot',
    component: 'gpu',
    attributes: { error: 'error.type' },
  }),
  counter('tt_device_pcie_noc_bytes_total', 'tenstorrent.pcie.noc.io', 'By', { since: 'reader' }),
];
