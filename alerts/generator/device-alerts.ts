import { DEVICE, HOST, promql } from './promql.ts';
import type { Alert, Rule } from './rules.ts';
import { DEVICE_TEXT, goneChipsText } from './text.ts';
import type { Thresholds } from './thresholds.ts';

/** Chips that cannot be reached, or of which nothing is heard. */
export function deviceAlerts(thresholds: Thresholds): Rule[] {
  return [
    unreachable(thresholds),
    ...disappeared(thresholds),
    telemetryMissing(thresholds),
    ...heartbeatStuck(thresholds),
    missing(thresholds),
    resetStuck(thresholds),
    firmwareMismatch(thresholds),
  ];
}

function unreachable(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentDeviceUnreachable',
    expr: 'tt_device_state{state="unreachable"} == 1',
    for: thresholds.duration('deviceUnreachable.for'),
    severity: 'critical',
    audience: 'hardware',
    summary: 'A chip does not answer on PCIe',
    description: `${DEVICE_TEXT} gives all ones on every read: it has fallen off the bus or hangs, and whatever runs on it is lost.`,
  };
}

function disappeared(thresholds: Thresholds): Rule[] {
  const record = 'instance:tt_devices:sum';
  const memory = thresholds.duration('memory.devices');
  return [
    { kind: 'record', record, expr: `sum by (${HOST}) (tt_devices{state!="no_driver"})` },
    {
      kind: 'alert',
      alert: 'TenstorrentDeviceDisappeared',
      why: 'Counted by host, because the numbers of the chips that stay may move.',
      expr: `max_over_time(${record}[${memory}]) - ${record} > 0`,
      for: thresholds.duration('deviceDisappeared.for'),
      severity: 'warning',
      audience: 'hardware',
      summary: 'A host has fewer chips than it had within the day',
      description: `{{ $labels.instance }} has {{ $value }} chips with a driver less than it had within ${memory}.${goneChipsText(memory)}`,
    },
  ];
}

function telemetryMissing(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentDeviceTelemetryMissing',
    expr: promql`
      tt_device_state{state=~"ok|firmware_down"} == 1
      unless on (${DEVICE}) (tt_device_temperature_celsius or tt_device_sensor_rejected)`,
    for: thresholds.duration('deviceTelemetryMissing.for'),
    severity: 'warning',
    audience: 'hardware',
    summary: 'A chip publishes no telemetry',
    description: `${DEVICE_TEXT} is in state {{ $labels.state }} and publishes no temperature: its firmware did not come up, or the driver lost its table.`,
  };
}

function heartbeatStuck(thresholds: Thresholds): Rule[] {
  const window = thresholds.duration('heartbeatStuck.window');
  const beat = 'tt_device_heartbeat_total';
  const silent = 'device:tt_heartbeat:silent';
  const alert = (severity: 'critical' | 'warning', expr: string, held: string): Alert => ({
    kind: 'alert',
    alert: 'TenstorrentHeartbeatStuck',
    expr,
    for: thresholds.duration('heartbeatStuck.for'),
    severity,
    audience: 'hardware',
    summary: "A chip's firmware has stopped",
    description: `${DEVICE_TEXT}: the heartbeat of its firmware has not moved for ${window}, or is gone, ${held}.`,
  });
  return [
    {
      kind: 'record',
      record: silent,
      why: 'Some samples that are all the same, or one within the hour and none now although the chip answers.',
      expr: promql`
        changes(${beat}[${window}]) == 0
          and count_over_time(${beat}[${window}]) >= ${thresholds.number('heartbeatStuck.samples')}
        or (
          last_over_time(${beat}[${thresholds.duration('heartbeatStuck.goneWindow')}])
          unless on (${DEVICE}) last_over_time(${beat}[${window}])
          and on (${DEVICE}) tt_device_state{state=~"ok|firmware_down"} == 1
        )`,
    },
    alert('critical', `${silent} and on (${DEVICE}) tt_device_holders > 0`, 'while somebody holds the chip'),
    alert('warning', `${silent} unless on (${DEVICE}) tt_device_holders > 0`, 'and nobody is known to hold the chip'),
  ];
}

function missing(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentDevicesMissing',
    expr: `tt_devices_expected - on (${HOST}) sum by (${HOST}) (tt_devices{state!="no_driver"}) > 0`,
    for: thresholds.duration('devicesMissing.for'),
    severity: 'warning',
    audience: 'hardware',
    summary: 'A host has fewer chips than it should have',
    description: '{{ $labels.instance }} has {{ $value }} chips with a driver less than --devices.expected says.',
  };
}

function resetStuck(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentResetStuck',
    expr: 'tt_device_state{state="resetting"} == 1',
    for: thresholds.duration('resetStuck.for'),
    severity: 'warning',
    audience: 'hardware',
    summary: 'The reset of a chip does not end',
    description: `${DEVICE_TEXT} has been resetting for more than ${thresholds.duration('resetStuck.for')}; a reset takes up to a minute.`,
  };
}

function firmwareMismatch(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentFirmwareMismatch',
    expr: promql`
      count by (${HOST}, arch) (
        count by (${HOST}, arch, version) (
          tt_firmware_info{component="bundle"} * on (${DEVICE}) group_left (arch) tt_device_info
        )
      ) > 1`,
    for: thresholds.duration('firmwareMismatch.for'),
    severity: 'warning',
    audience: 'hardware',
    summary: 'Chips of one host have different firmware',
    description:
      'The {{ $labels.arch }} chips of {{ $labels.instance }} have {{ $value }} versions of the firmware bundle.',
  };
}
