import { DEVICE, HOST, promql } from './promql.ts';
import type { Alert, Rule } from './rules.ts';
import { SEEN } from './seen-recordings.ts';
import { INSTANCE_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

/** Exporters that do not read everything, and trackers that cannot be believed. */
export function monitoringAlerts(thresholds: Thresholds): Rule[] {
  return [
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
          unless on (${DEVICE}) (tt_device_dram_allocated_bytes{type="dram"} unless on (${DEVICE}) tt_dram_unattributed_bytes)
          unless on (${DEVICE}) tt_dram_allocated_bytes{type="dram", pid=~"[?].*|other"}
        )
        unless on (${HOST}, pid) tt_dram_allocated_bytes{type="dram"}
        unless on (${HOST}, pid) tt_l1_allocated_bytes{type="l1"}
        unless on (${HOST}, pid) tt_process_info{comm=~"${thresholds.text('untracked.ignoredCommands')}"}
      )`,
    for: thresholds.duration('untracked.for'),
    severity: 'info',
    audience: 'monitoring',
    summary: 'Processes hold chips, and nothing reports their memory',
    description: `{{ $value }} processes on ${INSTANCE_TEXT} hold chips, and no tracker reports their memory: tracking is off, as it often is in production.`,
  };
}
