import type { Attribute } from './attribute.ts';
import { parseDeviceNumber, parseHexWord, parseInteger, parseWord } from './parse.ts';
import { SENSOR_RULES } from './plausibility.ts';
import { aer, channel, clock, firmware, id, link, parsed, sensor, telemetryText } from './rows.ts';

/**
 * Everything that is read of a card, in order. The `tt_*` files and hwmon: tt-kmd docs/sysfs-attributes.md, telemetry.c,
 * wormhole.c, blackhole.c; the rest: linux, Documentation/ABI/testing/sysfs-bus-pci.
 */
export const ATTRIBUTES: readonly Attribute[] = [
  parsed({ home: 'pci', file: 'device' }, parseHexWord, (draft, value) => {
    draft.deviceId = value;
    return 'good';
  }),
  parsed({ home: 'pci', file: 'subsystem_device' }, parseHexWord, (draft, value) => {
    draft.subsystemId = value;
    return 'good';
  }),
  parsed({ home: 'pci', file: 'numa_node' }, parseInteger, (draft, node) => {
    if (node >= 0) draft.numaNode = node;
    return 'good';
  }),
  // The driver core answers this one, not the driver, so that it cannot be blocked.
  parsed({ home: 'class', file: 'dev', lane: 'pci' }, parseDeviceNumber, (draft, number) => {
    draft.deviceNumber = number;
    return 'good';
  }),
  ...link('link', 'current'),
  ...link('maxLink', 'max'),
  aer('aer_dev_correctable', 'correctable'),
  aer('aer_dev_nonfatal', 'nonfatal'),
  aer('aer_dev_fatal', 'fatal'),

  clock('tt_aiclk', 'ai'),
  clock('tt_axiclk', 'axi'),
  clock('tt_arcclk', 'arc'),
  sensor({ home: 'class', file: 'tt_heartbeat', sensor: 'heartbeat', rule: SENSOR_RULES.heartbeat }, (draft, value) => {
    draft.heartbeat = value;
  }),
  sensor(
    {
      home: 'class',
      file: 'tt_therm_trip_count',
      sensor: 'thermal_trips',
      rule: SENSOR_RULES.thermalTrips,
      evidence: 'telemetry',
      absentOn: 'wormhole',
    },
    (draft, value) => {
      draft.thermalTrips = value;
    },
  ),
  telemetryText('tt_card_type', parseWord, (draft, name) => {
    // All ones come out as `unknown` too.
    if (name === 'unknown') return 'nothing';
    draft.cardType = name;
    return 'good';
  }),
  id('tt_serial', (draft, value) => {
    draft.serial = value;
  }),
  id('tt_asic_id', (draft, value) => {
    draft.asicId = value;
  }),
  firmware('tt_fw_bundle_ver', 'bundle'),
  firmware('tt_arc_fw_ver', 'arc', 'blackhole'),
  firmware('tt_eth_fw_ver', 'eth', 'blackhole'),
  firmware('tt_m3bl_fw_ver', 'm3bl', 'blackhole'),
  firmware('tt_m3app_fw_ver', 'm3app'),
  firmware('tt_ttflash_ver', 'ttflash', 'blackhole'),
  ...channel('temp1', 'temperature', 'asic'),
  ...channel('in0', 'voltage', 'vcore'),
  ...channel('curr1', 'current', 'vcore'),
  ...channel('power1', 'power', 'vcore'),
  parsed({ home: 'hwmon', file: 'fan1_input', absentOn: 'wormhole' }, parseInteger, (draft, rpm) => {
    draft.fanRaw = rpm;
    return 'good';
  }),
];
