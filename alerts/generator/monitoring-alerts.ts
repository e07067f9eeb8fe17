import { multiply } from './durations.ts';
import { CHIP, DEVICE, HOST, promql } from './promql.ts';
import type { Alert, Recording, Rule } from './rules.ts';
import type { Thresholds } from './thresholds.ts';

const KNOWN = 'instance:tt_exporter_known:count';
const SEEN = 'instance:tt_seen:max';
const MAINTENANCE = 'instance:tt_maintenance:max';
const BLIND = 'instance:tt_exporter_blind:count';
const INSTANCE_TEXT = '{{ $labels.instance }}';

/** Whether the exporters, and through them everything else, can be believed. */
export function monitoringAlerts(thresholds: Thresholds): Rule[] {
  return [
    ...exporterRecordings(thresholds),
    maintenance(),
    exporterDown(thresholds),
    exporterAbsent(thresholds),
    fleetBlind(thresholds),
    collectorFailing(thresholds),
    allocationServerDown(thresholds),
    allocationServerRestarted(thresholds),
    seriesBudget(thresholds),
    scrapeNearTimeout(thresholds),
    regionSlots(thresholds),
    ...trackerUnreadable(thresholds),
    untracked(thresholds),
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

/** What was there within the last minutes, for rules that look back a day: ranges over the raw series cost seconds. */
export function seenRecordings(thresholds: Thresholds): Recording[] {
  const window = multiply(thresholds.duration('evaluation.history'), 2);
  const seen = (what: string, family: string): Recording => ({
    kind: 'record',
    record: SEEN,
    expr: `max by (${HOST}) (max_over_time(${family}[${window}]))`,
    labels: { what },
  });
  return [
    {
      ...seen('exporter', 'tt_exporter_build_info'),
      why: 'What is ours is known by its own metrics, whatever the job is called.',
    },
    seen('allocation_server', 'tt_allocation_server_up'),
    seen('maintenance', 'tt_maintenance'),
    {
      kind: 'record',
      record: 'chip:tt_seen:max',
      expr: `max by (${CHIP}) (max_over_time(tt_device_info{pci_address!=""}[${window}]))`,
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

function collectorFailing(thresholds: Thresholds): Alert {
  const window = thresholds.duration('collectorFailing.window');
  return {
    kind: 'alert',
    alert: 'TenstorrentCollectorFailing',
    expr: `avg_over_time(tt_exporter_collector_success[${window}]) < ${thresholds.number('collectorFailing.successShare')}`,
    for: thresholds.duration('collectorFailing.for'),
    severity: 'warning',
    audience: 'monitoring',
    summary: 'A part of the exporter cannot read its source',
    description: `The collector {{ $labels.collector }} of ${INSTANCE_TEXT} worked in {{ $value | humanizePercentage }} of the scrapes of the last ${window}.`,
  };
}

function allocationServerDown(thresholds: Thresholds): Alert {
  const memory = thresholds.duration('memory.allocationServer');
  return {
    kind: 'alert',
    alert: 'TenstorrentAllocationServerDown',
    why: 'Only where there was one within the day: most hosts have none.',
    expr: promql`
      tt_allocation_server_up == 0
      and on (${HOST}) max_over_time(${SEEN}{what="allocation_server"}[${memory}]) == 1`,
    for: thresholds.duration('allocationServerDown.for'),
    severity: 'warning',
    audience: 'monitoring',
    summary: 'The allocation server is gone',
    description: `${INSTANCE_TEXT} had an allocation server within ${memory}, and it does not answer: what applications allocate is not counted.`,
  };
}

function allocationServerRestarted(thresholds: Thresholds): Alert {
  const start = 'tt_allocation_server_start_time_seconds';
  return {
    kind: 'alert',
    alert: 'TenstorrentAllocationServerRestarted',
    why: 'Only where processes are older: their memory is counted in part.',
    expr: promql`
      changes(${start}[${thresholds.duration('allocationServerRestarted.window')}]) > 0
      and on (${HOST}) min by (${HOST}) (tt_process_start_time_seconds) < on (${HOST}) ${start}`,
    severity: 'info',
    audience: 'monitoring',
    summary: 'The allocation server was started anew while processes held memory',
    description: `The allocation server of ${INSTANCE_TEXT} was started anew, and knows nothing of what the processes that were there allocated before.`,
  };
}

function seriesBudget(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentSeriesBudgetExceeded',
    expr: `tt_exporter_series > ${thresholds.number('seriesBudgetExceeded.series')}`,
    for: thresholds.duration('seriesBudgetExceeded.for'),
    severity: 'info',
    audience: 'monitoring',
    summary: 'An exporter gives more series than planned',
    description: `${INSTANCE_TEXT} gives {{ $value }} series; --memory.max-processes and --process.detail bound them.`,
  };
}

function scrapeNearTimeout(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentScrapeNearTimeout',
    expr: promql`
      avg_over_time(scrape_duration_seconds[${thresholds.duration('scrapeNearTimeout.window')}])
        > on (${HOST}) ${thresholds.number('scrapeNearTimeout.share')} * (
          scrape_timeout_seconds
          or on (${HOST}) 0 * up + ${thresholds.number('scrapeNearTimeout.timeoutSeconds')}
        )
      and on (${HOST}) tt_exporter_build_info`,
    for: thresholds.duration('scrapeNearTimeout.for'),
    severity: 'warning',
    audience: 'monitoring',
    summary: 'Scrapes take almost as long as they may',
    description: `Scrapes of ${INSTANCE_TEXT} take {{ $value | humanizeDuration }}: beyond the timeout the answer is partial.`,
  };
}

function regionSlots(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentRegionSlotsExhausted',
    expr: `tt_memory_region_slots_used >= ${thresholds.number('regionSlotsExhausted.slots')}`,
    for: thresholds.duration('regionSlotsExhausted.for'),
    severity: 'warning',
    audience: 'monitoring',
    summary: "A chip's memory region has no slot left",
    description: `Device {{ $labels.device }} of ${INSTANCE_TEXT} has {{ $value }} process slots in use: further processes are told apart no more.`,
  };
}

function trackerUnreadable(thresholds: Thresholds): Rule[] {
  const alert = (states: string, severity: 'warning' | 'info', wait: string, consequence: string): Alert => ({
    kind: 'alert',
    alert: 'TenstorrentTrackerUnreadable',
    expr: `count by (${HOST}, source, state) (tt_memory_tracker_state{state=~"${states}"} == 1)`,
    for: wait,
    severity,
    audience: 'monitoring',
    summary: "What reports chips' memory cannot be read or believed",
    description: `The {{ $labels.source }} tracker of {{ $value }} chips of ${INSTANCE_TEXT} is {{ $labels.state }}: ${consequence}.`,
  });
  return [
    alert(
      'unreadable|unsupported|untrusted',
      'warning',
      thresholds.duration('trackerUnreadable.for'),
      'their memory is not known in full',
    ),
    alert(
      'unverifiable',
      'info',
      thresholds.duration('trackerUnreadable.unverifiableFor'),
      'whether processes are gone cannot be known, so nothing is called leaked there',
    ),
  ];
}

function untracked(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentMemoryUntracked',
    why: 'Left out: chips whose tracker gives totals only, or names processes that cannot be told to be the holders.',
    expr: promql`
      count by (${HOST}) (
        max by (${HOST}, pid) (
          tt_process_open_devices{pid!="other"}
          unless on (${DEVICE}) (tt_device_dram_allocated_bytes unless on (${DEVICE}) tt_dram_unattributed_bytes)
          unless on (${DEVICE}) tt_dram_allocated_bytes{pid=~"[?].*|other"}
        )
        unless on (${HOST}, pid) (tt_dram_allocated_bytes or tt_l1_allocated_bytes)
        unless on (${HOST}, pid) tt_process_info{comm=~"${thresholds.text('untracked.ignoredCommands')}"}
      )`,
    for: thresholds.duration('untracked.for'),
    severity: 'info',
    audience: 'monitoring',
    summary: 'Processes hold chips, and nothing reports their memory',
    description: `{{ $value }} processes on ${INSTANCE_TEXT} hold chips, and no tracker reports their memory: tracking is off, as it often is in production.`,
  };
}
