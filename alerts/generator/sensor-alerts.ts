import { multiply } from './durations.ts';
import { CHIP, CHIP_LABELS, DEVICE, promql, withChip } from './promql.ts';
import type { Alert, Rule } from './rules.ts';
import { DEVICE_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

const TRIPS = 'chip:tt_thermal_trips:max';
const LINK = 'chip:tt_pcie_link:max';
const LINK_BEST = 'chip:tt_pcie_link:max1h';

/** What chips say of themselves: temperature, trips, link, readings that cannot be true. */
export function sensorAlerts(thresholds: Thresholds): Rule[] {
  return [nearLimit(thresholds), thermalTrip(thresholds), pcieErrors(thresholds), implausible(thresholds)];
}

function nearLimit(thresholds: Thresholds): Alert {
  const window = thresholds.duration('temperatureNearLimit.window');
  return {
    kind: 'alert',
    alert: 'TenstorrentTemperatureNearLimit',
    why: 'The average, for single readings are noisy.',
    expr: promql`
      avg_over_time(tt_device_temperature_celsius[${window}])
        > on (${DEVICE}, sensor) tt_device_temperature_limit_celsius - ${thresholds.number('temperatureNearLimit.marginCelsius')}`,
    for: thresholds.duration('temperatureNearLimit.for'),
    keepFiringFor: thresholds.duration('temperatureNearLimit.keepFiringFor'),
    severity: 'warning',
    audience: 'hardware',
    summary: 'A chip is about to throttle because of its temperature',
    description: `${DEVICE_TEXT} is at {{ $value | printf "%.1f" }} °C, close to where its firmware begins to throttle.`,
  };
}

/** What a chip had before is told by the slower history group, under the chip's own name. */
function thermalTrip(thresholds: Thresholds): Alert {
  const trips = 'tt_device_thermal_trips_total';
  const window = thresholds.duration('thermalTrip.window');
  const before = `max_over_time(${TRIPS}[${thresholds.duration('thermalTrip.memory')}] offset ${window})`;
  return {
    kind: 'alert',
    alert: 'TenstorrentThermalTrip',
    why: 'By the chip, not by its number, which can move; a first value above 0 counts, because the host may have gone down with the trip.',
    expr: promql`
      (
        ${trips} * on (${DEVICE}) group_left (${CHIP_LABELS}) tt_device_info
      ) > 0
      unless on (${CHIP}) (
        (${trips} * on (${DEVICE}) group_left (${CHIP_LABELS}) tt_device_info)
          <= on (${CHIP}) group_left () max by (${CHIP}) (${before})
      )`,
    severity: 'critical',
    audience: 'hardware',
    summary: 'A chip has shut down because it was too hot',
    description: `${DEVICE_TEXT} (serial {{ $labels.serial }}) has shut down for critical temperature; {{ $value }} times since its power cycle.`,
  };
}

function pcieErrors(thresholds: Thresholds): Alert {
  const family = 'tt_device_pcie_errors_total';
  const window = thresholds.duration('pcieErrors.correctableWindow');
  return {
    kind: 'alert',
    alert: 'TenstorrentPcieErrors',
    why: "Correctable errors happen; the others do not. The errors' own severity has to make room for the alert's.",
    expr: promql`
      sum by (${DEVICE}, error, error_severity) (
        label_replace(
          rate(${family}{severity="correctable"}[${window}]) > ${thresholds.number('pcieErrors.correctablePerSecond')}
          or increase(${family}{severity!="correctable"}[${thresholds.duration('pcieErrors.uncorrectableWindow')}]) > 0,
          "error_severity", "$1", "severity", "(.*)"
        )
      )`,
    severity: 'warning',
    audience: 'hardware',
    summary: 'The PCIe link of a chip has errors',
    description: `${DEVICE_TEXT} has {{ if eq $labels.error_severity "correctable" }}{{ $value | printf "%.2f" }} correctable {{ $labels.error }} a second{{ else }}{{ $labels.error_severity }} {{ $labels.error }}{{ end }} on its PCIe link.`,
  };
}

function implausible(thresholds: Thresholds): Alert {
  const window = thresholds.duration('sensorImplausible.window');
  return {
    kind: 'alert',
    alert: 'TenstorrentSensorImplausible',
    why: 'Compared with how often the chip was looked at: a reading that is rejected now and then is noise.',
    expr: promql`
      max by (${DEVICE}, sensor) (count_over_time(tt_device_sensor_rejected[${window}]))
        > on (${DEVICE}) group_left ()
          ${thresholds.number('sensorImplausible.rejectedShare')}
          * max by (${DEVICE}) (count_over_time(tt_device_info[${window}]))`,
    for: thresholds.duration('sensorImplausible.for'),
    severity: 'info',
    audience: 'hardware',
    summary: 'A sensor of a chip gives readings that cannot be true',
    description: `${DEVICE_TEXT}: most readings of {{ $labels.sensor }} in the last ${window} cannot be true and were left out.`,
  };
}

/** Maxima of a short while, by chip, for comparison over days. */
export function linkRules(thresholds: Thresholds): Rule[] {
  const window = multiply(thresholds.duration('evaluation.history'), 2);
  const maximum = (record: string, family: string, labels?: Readonly<Record<string, string>>): Rule => ({
    kind: 'record',
    record,
    expr: withChip(`max by (${DEVICE}) (max_over_time(${family}[${window}]))`),
    ...(labels === undefined ? {} : { labels }),
  });
  return [
    maximum(TRIPS, 'tt_device_thermal_trips_total'),
    maximum(LINK, 'tt_device_pcie_link_transfers_per_second', { property: 'speed' }),
    maximum(LINK, 'tt_device_pcie_link_width_lanes', { property: 'width' }),
  ];
}

/** By the hour, for comparison over a week: its 2,000 evaluations of each chip would cost seconds. */
export function linkHistory(thresholds: Thresholds): Rule[] {
  return [
    {
      kind: 'record',
      record: LINK_BEST,
      expr: `max_over_time(${LINK}[${thresholds.duration('evaluation.longTerm')}])`,
    },
  ];
}

/** A link that is worse than its own best. */
export function linkDegraded(thresholds: Thresholds): Alert {
  const best = thresholds.duration('pcieLinkDegraded.bestWindow');
  return {
    kind: 'alert',
    alert: 'TenstorrentPcieLinkDegraded',
    why: 'Below its own best in this slot: a slot or a switch may never allow what the chip can.',
    expr: promql`
      max_over_time(${LINK}[${thresholds.duration('pcieLinkDegraded.window')}])
        < on (${CHIP}, property) group_left () max by (${CHIP}, property) (max_over_time(${LINK_BEST}[${best}]))
      and ${LINK}`,
    for: thresholds.duration('pcieLinkDegraded.for'),
    severity: 'warning',
    audience: 'hardware',
    summary: 'The PCIe link of a chip is slower or narrower than it was',
    description: `${DEVICE_TEXT} ({{ $labels.pci_address }}): the {{ $labels.property }} of its PCIe link is {{ if eq $labels.property "speed" }}{{ $value | humanize }} transfers a second{{ else }}{{ $value }} lanes{{ end }}, less than within ${best}.`,
  };
}
