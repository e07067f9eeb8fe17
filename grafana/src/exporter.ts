import { HOST, promql } from '../../alerts/generator/promql.ts';
import { HOST_COLUMN } from './parts/columns.ts';
import type { Limits } from './parts/limits.ts';
import { objectivePanels } from './exporter-objective.ts';
import type { Page } from './parts/page.ts';
import { series, words } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, most } from './parts/selectors.ts';
import { badAbove, GREEN, RED } from './parts/steps.ts';
import { table } from './parts/table.ts';
import { percent } from './parts/text.ts';

/** Can the numbers be trusted? */
export function exporterPage(limits: Limits): Page {
  return {
    name: 'exporter',
    title: 'Exporter',
    description:
      'Can the numbers be trusted? Scrapes, collectors, trackers and the allocation server, and what the monitoring has promised for 30 days.',
    from: 'now-3h',
    chips: false,
    panels: [...objectivePanels(limits), hosts(limits), ...scrapes(limits), ...trackers()],
    rows: [
      { title: 'The allocation server', panels: server() },
      { title: 'Regions, chips left out, configuration', panels: rest() },
    ],
  };
}

function hosts(limits: Limits): PanelBuilder {
  return table({
    title: 'Exporters',
    description:
      'Each exporter: version, worst collector, what it lacks the rights for, how many samples it gives, and how long it takes.',
    unit: 'none',
    width: 24,
    height: 6,
    queries: [
      `count by (${HOST}, version, node_version) (tt_exporter_build_info{${HOSTS}})`,
      `min by (${HOST}) (tt_exporter_collector_success{${HOSTS}})`,
      `sum by (${HOST}) (tt_exporter_missing_rights{${HOSTS}}) or 0 * max by (${HOST}) (tt_exporter_build_info{${HOSTS}})`,
      `max by (${HOST}) (tt_exporter_series{${HOSTS}})`,
      `max by (${HOST}) (scrape_duration_seconds{${HOSTS}})`,
      `max by (${HOST}) (tt_exporter_devices_skipped{${HOSTS}})`,
      `max by (${HOST}) (tt_exporter_config_last_reload_successful{${HOSTS}})`,
      `1000 * max by (${HOST}) (tt_exporter_config_last_reload_timestamp_seconds{${HOSTS}})`,
    ],
    columns: [
      { ...HOST_COLUMN, width: 220 },
      { of: 'version', title: 'Version', width: 90 },
      { of: 'node_version', title: 'Node.js', width: 100 },
      {
        of: { value: 1 },
        title: 'Collectors',
        width: 100,
        mappings: words({ 0: { text: 'failing', color: RED }, 1: { text: 'all good', color: GREEN } }),
      },
      { of: { value: 2 }, title: 'Rights missing', width: 120, steps: badAbove(1) },
      { of: { value: 5 }, title: 'Chips skipped', width: 120, steps: badAbove(1) },
      { of: { value: 3 }, title: 'Samples', unit: 'short', width: 100, steps: badAbove(limits.series) },
      {
        of: { value: 4 },
        title: 'Scrape takes',
        unit: 's',
        steps: badAbove(limits.scrapeShare * limits.scrapeSeconds),
      },
      {
        of: { value: 6 },
        title: 'Files',
        width: 100,
        mappings: words({ 0: { text: 'refused', color: RED }, 1: { text: 'in force', color: GREEN } }),
      },
      { of: { value: 7 }, title: 'Files read', unit: 'dateTimeFromNow', width: 140 },
    ],
    sortBy: 'Scrape takes',
  });
}

function scrapes(limits: Limits): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    series({
      ...size,
      title: 'Scrapes, as Prometheus sees them',
      description: `How long the slowest exporters took, transfer included. ${percent(limits.scrapeShare)} of the time that Prometheus gives (here: ${limits.scrapeSeconds} s) is an alert.`,
      unit: 's',
      steps: badAbove(limits.scrapeShare * limits.scrapeSeconds),
      queries: [
        {
          expr: most(
            8,
            HOST,
            `max by (${HOST}) (scrape_duration_seconds{${HOSTS}} and on (${HOST}) tt_exporter_build_info{${HOSTS}})`,
          ),
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Answers, as the exporters see them',
      description: 'From the request to the page, compression included, over all exporters.',
      unit: 's',
      queries: [0.5, 0.9, 0.99].map((quantile) => ({
        expr: promql`
          histogram_quantile(${quantile},
            sum by (le) (rate(tt_exporter_scrape_duration_seconds_bucket{${HOSTS}}[$__rate_interval]))
          )`,
        legend: `${percent(quantile)} within`,
      })),
    }),
    series({
      ...size,
      title: 'Collectors',
      description: 'How long the slowest of each collector took. One that fails is in the table above.',
      unit: 's',
      queries: [
        {
          expr: `max by (collector) (tt_exporter_collector_duration_seconds{${HOSTS}})`,
          legend: '{{collector}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Collectors that fail',
      description: `Share of hosts on which a collector could not read its source. Less than ${percent(limits.collectorShare)} of the scrapes of a host is an alert.`,
      unit: 'percentunit',
      max: 1,
      queries: [
        {
          expr: `1 - avg by (collector) (tt_exporter_collector_success{${HOSTS}})`,
          legend: '{{collector}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'What could not be read',
      description: 'Readings that could not be had or believed and were left out, a second; the log names the files.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (collector, reason) (rate(tt_exporter_read_errors_total{${HOSTS}}[$__rate_interval]))`,
          legend: '{{collector}}: {{reason}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Scrapes answered',
      description: 'Pages a second, by host. More than Prometheus asks for: somebody else asks too.',
      unit: 'reqps',
      queries: [
        {
          expr: most(8, HOST, `sum by (${HOST}) (rate(tt_exporter_scrapes_total{${HOSTS}}[$__rate_interval]))`),
          legend: '{{instance}}',
        },
      ],
    }),
  ];
}

function trackers(): PanelBuilder[] {
  return [
    series({
      title: 'Trackers by state',
      description:
        'Chips by the state of each of their trackers. unreadable, unsupported and untrusted are alerts; absent: nothing reports, which is not that nothing is allocated.',
      unit: 'none',
      decimals: 0,
      width: 12,
      height: 8,
      queries: [
        {
          expr: `count by (source, state) (tt_memory_tracker_state{${HOSTS}} == 1)`,
          legend: '{{source}}: {{state}}',
        },
      ],
    }),
    table({
      title: 'Where the numbers are from',
      description: 'Chips by the tracker whose numbers are shown, and in which dialect or layout.',
      unit: 'none',
      width: 12,
      height: 8,
      queries: [`count by (${HOST}, source, version) (tt_memory_tracker_info{${HOSTS}})`],
      columns: [
        HOST_COLUMN,
        { of: 'source', title: 'Tracker' },
        { of: 'version', title: 'Dialect or layout', width: 140 },
        { of: { value: 0 }, title: 'Chips', width: 80 },
      ],
      sortBy: 'Chips',
    }),
  ];
}

function server(): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    table({
      ...size,
      title: 'Allocation servers',
      description:
        'Whether one answers, which, and since when. What a process allocated before that is counted in part only.',
      unit: 'none',
      queries: [
        `max by (${HOST}) (tt_allocation_server_up{${HOSTS}})`,
        `max by (${HOST}, dialect, extension) (tt_allocation_server_info{${HOSTS}})`,
        `1000 * max by (${HOST}) (tt_allocation_server_start_time_seconds{${HOSTS}})`,
      ],
      columns: [
        { ...HOST_COLUMN, width: 130 },
        {
          of: { value: 0 },
          title: 'Answers',
          width: 80,
          mappings: words({ 0: { text: 'no', color: 'text' }, 1: { text: 'yes', color: GREEN } }),
        },
        { of: 'dialect', title: 'Dialect', width: 70 },
        { of: 'extension', title: 'Extension', width: 80 },
        { of: { value: 2 }, title: 'Since', unit: 'dateTimeFromNow' },
      ],
      sortBy: 'Since',
    }),
    series({
      ...size,
      title: 'Messages',
      description: 'Messages a second that the allocation servers understood, by type. From tt-allocation-server.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (type) (rate(tt_allocation_server_messages_total{${HOSTS}}[$__rate_interval]))`,
          legend: '{{type}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Connections and messages thrown away',
      description: 'Open connections, and messages a second that made no sense, by reason.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (${HOST}) (tt_allocation_server_connections{${HOSTS}})`,
          legend: 'connections to {{instance}}',
        },
        {
          expr: `sum by (reason) (rate(tt_allocation_server_rejected_messages_total{${HOSTS}}[$__rate_interval]))`,
          legend: 'thrown away: {{reason}}',
        },
      ],
    }),
  ];
}

function rest(): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    series({
      ...size,
      title: 'Regions by state',
      description: 'Shared memory regions of all chips. Those of containers that cannot be looked into are not in it.',
      unit: 'none',
      decimals: 0,
      queries: [{ expr: `sum by (state) (tt_memory_regions{${HOSTS}}) > 0`, legend: '{{state}}' }],
    }),
    series({
      ...size,
      title: 'Samples',
      description: 'Samples in an answer, the eight largest.',
      unit: 'short',
      queries: [{ expr: most(8, HOST, `max by (${HOST}) (tt_exporter_series{${HOSTS}})`), legend: '{{instance}}' }],
    }),
    series({
      ...size,
      title: 'Readings left out',
      description: 'Sensor readings that were there, could not be true, and were left out, by reason.',
      unit: 'none',
      decimals: 0,
      queries: [
        {
          expr: `count by (sensor, reason) (tt_device_sensor_rejected{${HOSTS}})`,
          legend: '{{sensor}}: {{reason}}',
        },
      ],
    }),
  ];
}
