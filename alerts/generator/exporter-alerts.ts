import { HOST, promql } from './promql.ts';
import type { Alert, Rule } from './rules.ts';
import { SEEN } from './seen-recordings.ts';
import { INSTANCE_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

const KNOWN = 'instance:tt_exporter_known:count';
const MAINTENANCE = 'instance:tt_maintenance:max';
const BLIND = 'instance:tt_exporter_blind:count';

/** Exporters that do not answer or are not asked. */
export function exporterAlerts(thresholds: Thresholds): Rule[] {
  return [
    ...exporterRecordings(thresholds),
    maintenance(),
    exporterDown(thresholds),
    exporterAbsent(thresholds),
    fleetBlind(thresholds),
  ];
}

function exporterRecordings(thresholds: Thresholds): Rule[] {
  const known = thresholds.duration('memory.exporter');
  return [
    {
      kind: 'record',
      record: KNOWN,
      expr: `max by (${HOST}) (max_over_time(${SEEN}{what="exporter"}[${known}]))`,
    },
    {
      kind: 'record',
      record: MAINTENANCE,
      why: 'A host that went down in maintenance stays in it until it is back and says otherwise.',
      expr: promql`
        max by (${HOST}) (tt_maintenance == 1)
        or (
          max by (${HOST}) (last_over_time(${SEEN}{what="maintenance"}[${thresholds.duration('maintenance.memory')}])) == 1
          unless on (${HOST}) tt_exporter_build_info
        )`,
    },
    {
      kind: 'record',
      record: BLIND,
      why: 'A target that the service discovery has no more is blind only if nobody else shows its chips: a pod that is made anew has a new address.',
      expr: promql`
        ${KNOWN} and on (${HOST})
          avg_over_time(up[${thresholds.duration('exporterDown.window')}]) < ${thresholds.number('exporterDown.upShare')}
        or (
          count by (${HOST}) (
            last_over_time(chip:tt_seen:max[${known}])
            unless on (cluster, job, serial, asic_id) tt_device_info
          )
          unless on (${HOST}) up
        )`,
    },
  ];
}

function maintenance(): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentMaintenance',
    why: "Nobody is told: it is there for Alertmanager's inhibitions.",
    expr: MAINTENANCE,
    severity: 'info',
    audience: 'monitoring',
    summary: 'A host is in maintenance',
    description: `The maintenance file of ${INSTANCE_TEXT} is there, or was when the host was last seen: its other alerts are muted.`,
  };
}

function exporterDown(thresholds: Thresholds): Alert {
  const window = thresholds.duration('exporterDown.window');
  return {
    kind: 'alert',
    alert: 'TenstorrentExporterDown',
    expr: promql`
      avg_over_time(up[${window}]) < ${thresholds.number('exporterDown.upShare')}
      and on (${HOST}) ${KNOWN}`,
    for: thresholds.duration('exporterDown.for'),
    severity: 'warning',
    audience: 'monitoring',
    summary: 'An exporter does not answer',
    description: `${INSTANCE_TEXT} answered {{ $value | humanizePercentage }} of the scrapes of the last ${window}: nothing is known of its chips.`,
  };
}

function exporterAbsent(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentExporterAbsent',
    expr: `${BLIND} unless on (${HOST}) up`,
    for: thresholds.duration('exporterAbsent.for'),
    severity: 'warning',
    audience: 'monitoring',
    summary: 'An exporter is scraped no more',
    description: `${INSTANCE_TEXT} was scraped within ${thresholds.duration('memory.exporter')} and is no target any more, and no other target shows its {{ $value }} chips.`,
  };
}

function fleetBlind(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentFleetBlind',
    why: 'The only rule over hosts: it leaves off the instance.',
    expr: promql`
      count by (cluster, job) (${BLIND} unless on (${HOST}) ${MAINTENANCE}) >= ${thresholds.number('fleetBlind.blindExporters')}
      and on (cluster, job)
        count by (cluster, job) (${BLIND} unless on (${HOST}) ${MAINTENANCE})
          / on (cluster, job) count by (cluster, job) (${BLIND} or tt_exporter_build_info)
          > ${thresholds.number('fleetBlind.blindShare')}`,
    for: thresholds.duration('fleetBlind.for'),
    severity: 'critical',
    audience: 'monitoring',
    summary: 'Many exporters of the fleet give nothing',
    description:
      '{{ $value }} exporters of job {{ $labels.job }} give nothing, more than a fifth: what the other alerts say is not the whole fleet.',
  };
}
