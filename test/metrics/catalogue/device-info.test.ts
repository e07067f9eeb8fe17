import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import type { DeviceSnapshot, Snapshot } from '../../../src/snapshot/snapshot.ts';
import { bareDevice, bareSnapshot, richCard, richSnapshot } from '../../support/rich-snapshot.ts';
import { drawChecked } from '../checking-sink.ts';
import type { DrawnSample } from '../checking-sink.ts';

function draw(name: string, snapshot: Snapshot): DrawnSample[] {
  const family = FAMILIES.find((candidate) => candidate.name === name);
  assert.ok(family !== undefined, name);
  return drawChecked(family, snapshot);
}

function drawDevice(name: string, device: DeviceSnapshot): DrawnSample[] {
  return draw(name, bareSnapshot({ devices: [device] }));
}

describe('tt_device_info', () => {
  it('writes ids as the driver and the regions do, and what is unknown as empty text', () => {
    assert.deepEqual(
      draw('tt_device_info', richSnapshot()).map(({ labels }) => labels),
      [
        {
          device: '0',
          chip_id: '0x0000802632480c40',
          arch: 'blackhole',
          board: 'p150a',
          serial: '0000040131924062',
          asic_id: 'A1B2C3D4E5F60718',
          pci_address: '0000:c1:00.0',
          driver_index: '0',
          logical_id: '0',
          location: '0',
          gateway: '',
          slot: '',
        },
        {
          device: '0x0000000251c0c4aa',
          chip_id: '0x0000000251c0c4aa',
          arch: '',
          board: '',
          serial: '',
          asic_id: '',
          pci_address: '',
          driver_index: '',
          logical_id: '',
          location: '',
          gateway: '0',
          slot: '',
        },
      ],
    );
  });

  it('keeps all 64 bits of an id', () => {
    const [sample] = drawDevice('tt_device_info', bareDevice('0', { serial: 2n ** 64n - 2n }));
    assert.equal(sample?.labels['serial'], 'FFFFFFFFFFFFFFFE');
  });
});

describe('tt_device_state', () => {
  it('is 1 for one of five states', () => {
    assert.deepEqual(drawDevice('tt_device_state', bareDevice('3', { card: richCard({ state: 'resetting' }) })), [
      { value: 0, labels: { device: '3', state: 'ok' } },
      { value: 1, labels: { device: '3', state: 'resetting' } },
      { value: 0, labels: { device: '3', state: 'firmware_down' } },
      { value: 0, labels: { device: '3', state: 'unreachable' } },
      { value: 0, labels: { device: '3', state: 'no_driver' } },
    ]);
  });

  it('is absent for a chip without a card and for one whose read is blocked', () => {
    assert.deepEqual(drawDevice('tt_device_state', bareDevice('0R')), []);
    assert.deepEqual(drawDevice('tt_device_state', bareDevice('0', { card: richCard({ state: undefined }) })), []);
  });
});

describe('the sensors of a card', () => {
  it('keep to their own labels, whatever the driver calls them', () => {
    const device = bareDevice('0', { card: richCard() });
    const drawn = FAMILIES.filter(({ labels }) => labels.includes('sensor')).map((family) => [
      family.name,
      ...drawDevice(family.name, device).map(({ labels, value }) => `${labels['sensor'] ?? ''} ${value}`),
    ]);
    assert.deepEqual(drawn, [
      ['tt_device_temperature_celsius', 'asic 54.125'],
      ['tt_device_temperature_limit_celsius', 'asic 90'],
      ['tt_device_voltage_volts', 'vcore 0.742'],
      ['tt_device_voltage_limit_volts', 'vcore 0.9'],
      ['tt_device_current_amperes', 'vcore 41'],
      ['tt_device_current_limit_amperes', 'vcore 200'],
      ['tt_device_power_watts', 'vcore 30'],
      ['tt_device_power_limit_watts', 'vcore 150'],
      ['tt_device_sensor_rejected', 'vcore 1', 'fan 1'],
    ]);
  });
});

describe('collectors', () => {
  it('succeed where there is nothing to read, and not where they failed or still run', () => {
    assert.deepEqual(
      draw('tt_exporter_collector_success', richSnapshot()).map(
        ({ labels, value }) => `${labels['collector'] ?? ''} ${value}`,
      ),
      ['allocation_server 1', 'shared_memory 1', 'sysfs 0', 'procfs 0'],
    );
  });
});

describe('an allocation server', () => {
  const server = {
    up: false,
    dialect: '',
    extension: '',
    startTimeSeconds: undefined,
    messages: undefined,
    rejectedMessages: undefined,
    connections: undefined,
    endedProcesses: [],
  };

  it('that is not there is down and has no info', () => {
    const snapshot = bareSnapshot({ allocationServer: server });
    assert.deepEqual(draw('tt_allocation_server_up', snapshot), [{ value: 0, labels: {} }]);
    assert.deepEqual(draw('tt_allocation_server_info', snapshot), []);
  });

  it('that was not asked is neither up nor down', () => {
    assert.deepEqual(draw('tt_allocation_server_up', bareSnapshot()), []);
  });

  it('gives the larger peak where a PID ended twice, and says once whose it was', () => {
    assert.deepEqual(draw('tt_ended_process_peak_bytes', richSnapshot()), [
      { value: 8192, labels: { device: '0', pid: '4100', type: 'dram' } },
    ]);
    assert.equal(draw('tt_ended_process_info', richSnapshot()).length, 1);
  });
});
