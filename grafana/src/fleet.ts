import { DEVICE, HOST, promql } from '../../alerts/generator/promql.ts';
import { CHIP_COLUMN, HOST_COLUMN } from './parts/columns.ts';
import type { Limits } from './parts/limits.ts';
import type { Page } from './parts/page.ts';
import { series, stat, words } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, most, orNone } from './parts/selectors.ts';
import { badAbove, GREEN, ORANGE, RED } from './parts/steps.ts';
import { table } from './parts/table.ts';
import { percent } from './parts/text.ts';

const DRAM = `sum by (${HOST}) (tt_device_dram_allocated_bytes{${HOSTS}})`;
const DRAM_CAPACITY = `sum by (${HOST}) (tt_dram_capacity_bytes{${HOSTS}})`;
const L1 = `sum by (${HOST}) (tt_device_l1_allocated_bytes{${HOSTS}})`;
const NEAR_LIMIT = promql`
  max by (${HOST}) (
    tt_device_temperature_celsius{${HOSTS}} - on (${DEVICE}, sensor) tt_device_temperature_limit_celsius{${HOSTS}}
  )`;

/** Is anything wrong, and where is the memory? */
export function fleetPage(limits: Limits): Page {
  return {
    name: 'fleet',
    title: 'Fleet',
    description: 'Is anything wrong, and where is the memory? All hosts with Tenstorrent chips.',
    from: 'now-3h',
    chips: false,
    panels: [...numbers(limits), firing(), hosts(limits), ...curves(limits)],
    rows: [{ title: 'What the fleet is made of', panels: inventory() }],
  };
}

function numbers(limits: Limits): PanelBuilder[] {
  const size = { width: 4, height: 3 };
  return [
    stat({
      ...size,
      title: 'Hosts that answer',
      description: 'Exporters whose last scrape worked. The ones that did not are in "Hosts that do not answer".',
      unit: 'none',
      expr: `count(tt_exporter_build_info{${HOSTS}})`,
    }),
    stat({
      ...size,
      title: 'Hosts that do not answer',
      description: 'Targets of these jobs whose last scrape failed.',
      unit: 'none',
      expr: `count(up{${HOSTS}} == 0) or 0 * count(up{${HOSTS}})`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Chips',
      description: 'Chips on PCIe that are well. Remote chips of an n300 are not in it.',
      unit: 'none',
      expr: `sum(tt_devices{${HOSTS}, state="ok"})`,
    }),
    stat({
      ...size,
      title: 'Chips that are not well',
      description:
        'Chips that are resetting, whose firmware is down, that cannot be reached, or that have no driver, and those that a host should have and has not.',
      unit: 'none',
      expr: promql`
        sum(tt_devices{${HOSTS}, state!="ok"})
          + (sum(clamp_min(tt_devices_expected{${HOSTS}} - on (${HOST}) sum by (${HOST}) (tt_devices{${HOSTS}}), 0)) or 0 * count(tt_exporter_build_info{${HOSTS}}))`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'DRAM allocated',
      description: 'Share of all DRAM of chips whose memory is known.',
      unit: 'percentunit',
      decimals: 1,
      expr: `sum(${DRAM}) / sum(${DRAM_CAPACITY})`,
      sparkline: true,
      max: 1,
    }),
    stat({
      ...size,
      title: 'Orphaned memory',
      description: 'DRAM and L1 that are charged to processes which are proven gone. The Leaks dashboard says whose.',
      unit: 'bytes',
      expr: `sum(tt_dram_orphaned_bytes{${HOSTS}}) + (sum(tt_l1_orphaned_bytes{${HOSTS}, type=~"l1|l1_small"}) or 0 * count(tt_exporter_build_info{${HOSTS}}))`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Chips at their limit',
      description: `Chips within ${limits.marginCelsius} °C of where their firmware throttles.`,
      unit: 'none',
      expr: orNone(promql`
        count(
          tt_device_temperature_celsius{${HOSTS}}
            > on (${DEVICE}, sensor) tt_device_temperature_limit_celsius{${HOSTS}} - ${limits.marginCelsius}
        )`),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Hottest chip',
      description: 'The highest temperature of an ASIC. A hung firmware leaves its last value.',
      unit: 'celsius',
      decimals: 1,
      expr: `max(tt_device_temperature_celsius{${HOSTS}})`,
      sparkline: true,
    }),
    stat({
      ...size,
      title: 'Power of the cores',
      description: 'Sum over the ASIC cores: core voltage times current, not what the boards draw.',
      unit: 'watt',
      decimals: 2,
      expr: `sum(tt_device_power_watts{${HOSTS}})`,
      sparkline: true,
    }),
    stat({
      ...size,
      title: 'Chips in use',
      description: 'Chips that a process has opened, whether its memory is tracked or not.',
      unit: 'none',
      expr: `count(tt_device_holders{${HOSTS}} > 0) or 0 * count(tt_device_holders{${HOSTS}})`,
    }),
    stat({
      ...size,
      title: 'Full chips',
      description: `Chips with more than ${percent(limits.almostFull)} of their DRAM allocated. Full and flat is how serving looks.`,
      unit: 'none',
      expr: orNone(promql`
        count(
          sum by (${DEVICE}) (tt_device_dram_allocated_bytes{${HOSTS}})
            > on (${DEVICE}) ${limits.almostFull} * max by (${DEVICE}) (tt_dram_capacity_bytes{${HOSTS}})
        )`),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'In maintenance',
      description: 'Hosts whose maintenance file is there. Their alerts tell nobody.',
      unit: 'none',
      expr: orNone(`count(tt_maintenance{${HOSTS}} == 1)`),
    }),
  ];
}

function firing(): PanelBuilder {
  return table({
    title: 'Alerts',
    description:
      'What fires and what is about to, by the rules of this project, and for how long the condition has been true. No alerts and no rules look the same here: "Exporter" says whether the numbers can be trusted.',
    unit: 'none',
    width: 24,
    height: 6,
    noValue: 'No alert',
    queries: [
      promql`
        count by (${HOST}, device, pid, alertname, severity, alertstate, memory) (ALERTS{alertname=~"Tenstorrent.+", ${HOSTS}})`,
      promql`
        time() - max by (${HOST}, device, pid, alertname, severity, memory) (ALERTS_FOR_STATE{alertname=~"Tenstorrent.+", ${HOSTS}})`,
    ],
    columns: [
      {
        of: 'severity',
        title: 'Severity',
        width: 100,
        mappings: words({
          critical: { text: 'critical', color: RED },
          warning: { text: 'warning', color: ORANGE },
          info: { text: 'info', color: 'blue' },
        }),
      },
      { of: 'alertname', title: 'Alert' },
      { of: 'alertstate', title: 'State', width: 100 },
      { ...HOST_COLUMN, width: 220 },
      CHIP_COLUMN,
      { of: 'pid', title: 'PID', width: 100 },
      { of: 'memory', title: 'Memory', width: 90 },
      { of: { value: 1 }, title: 'For', unit: 'dtdurations', decimals: 0, width: 200 },
    ],
    sortBy: 'For',
  });
}

function hosts(limits: Limits): PanelBuilder {
  return table({
    title: 'Hosts',
    description:
      'Each host: its chips that are well and not, memory, what is orphaned, who uses chips, heat and power. A click on the host shows its chips.',
    unit: 'none',
    width: 24,
    height: 7,
    queries: [
      `sum by (${HOST}) (tt_devices{${HOSTS}, state="ok"})`,
      `sum by (${HOST}) (tt_devices{${HOSTS}, state!="ok"})`,
      `${DRAM} / on (${HOST}) ${DRAM_CAPACITY}`,
      DRAM,
      L1,
      `sum by (${HOST}) (tt_dram_orphaned_bytes{${HOSTS}})`,
      `count by (${HOST}) (count by (${HOST}, pid) (tt_process_open_devices{${HOSTS}}))`,
      `max by (${HOST}) (tt_device_temperature_celsius{${HOSTS}})`,
      NEAR_LIMIT,
      `sum by (${HOST}) (tt_device_power_watts{${HOSTS}})`,
    ],
    columns: [
      { ...HOST_COLUMN, width: 220 },
      { of: { value: 0 }, title: 'Chips', width: 70 },
      { of: { value: 1 }, title: 'Not well', width: 80, steps: badAbove(1) },
      { of: { value: 2 }, title: 'DRAM share', unit: 'percentunit', gauge: true, steps: badAbove(limits.almostFull) },
      { of: { value: 3 }, title: 'DRAM', unit: 'bytes', width: 100 },
      { of: { value: 4 }, title: 'L1', unit: 'bytes', width: 100 },
      { of: { value: 5 }, title: 'Orphaned DRAM', unit: 'bytes', width: 125, steps: badAbove(1) },
      { of: { value: 6 }, title: 'Processes', width: 90 },
      { of: { value: 7 }, title: 'Hottest', unit: 'celsius', width: 90, decimals: 0 },
      {
        of: { value: 8 },
        title: 'From limit',
        unit: 'celsius',
        width: 100,
        decimals: 0,
        steps: [
          { value: null, color: GREEN },
          { value: -limits.marginCelsius, color: RED },
        ],
      },
      { of: { value: 9 }, title: 'Power', unit: 'watt', width: 90, decimals: 0 },
    ],
    sortBy: 'DRAM share',
  });
}

function curves(limits: Limits): PanelBuilder[] {
  const size = { width: 12, height: 8 };
  return [
    series({
      ...size,
      title: 'DRAM by host',
      description: 'Allocated DRAM of each host, the fullest eight. Dashed: all DRAM of the fleet that is known.',
      unit: 'bytes',
      stacked: true,
      dashed: '/capacity/',
      queries: [
        { expr: most(8, HOST, DRAM), legend: '{{instance}}' },
        { expr: `sum(${DRAM_CAPACITY})`, legend: 'capacity of all' },
      ],
    }),
    series({
      ...size,
      title: 'Fullest chips',
      description: `Share of DRAM that is allocated, of the eight fullest chips. ${percent(limits.almostFull)} and still moving is an alert.`,
      unit: 'percentunit',
      max: 1,
      steps: badAbove(limits.almostFull),
      queries: [
        {
          expr: most(
            8,
            DEVICE,
            promql`
            sum by (${DEVICE}) (tt_device_dram_allocated_bytes{${HOSTS}})
                / on (${DEVICE}) max by (${DEVICE}) (tt_dram_capacity_bytes{${HOSTS}})`,
          ),
          legend: '{{device}} of {{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Chips by state',
      description: 'All that is not "ok" is a chip that nobody can use now. A reset takes up to a minute.',
      unit: 'none',
      decimals: 0,
      queries: [{ expr: `sum by (state) (tt_devices{${HOSTS}})`, legend: '{{state}}' }],
    }),
    series({
      ...size,
      title: 'Workloads',
      description: 'DRAM by pod, Slurm job, container or unit, the largest eight, over all hosts.',
      unit: 'bytes',
      stacked: true,
      queries: [
        {
          expr: most(
            8,
            'workload_kind, workload',
            `sum by (workload_kind, workload) (tt_workload_dram_allocated_bytes{${HOSTS}})`,
          ),
          legend: '{{workload_kind}} {{workload}}',
        },
      ],
    }),
  ];
}

function inventory(): PanelBuilder[] {
  const size = { width: 8, height: 7, unit: 'none' };
  return [
    table({
      ...size,
      title: 'Boards',
      description: 'How many chips of which board.',
      queries: [`count by (board, arch) (tt_device_info{${HOSTS}})`],
      columns: [
        { of: 'board', title: 'Board' },
        { of: 'arch', title: 'Architecture' },
        { of: { value: 0 }, title: 'Chips', width: 80 },
      ],
      sortBy: 'Chips',
    }),
    table({
      ...size,
      title: 'Firmware bundles',
      description: 'How many chips have which firmware. Several on one host and architecture is an alert.',
      queries: [`count by (version) (tt_firmware_info{${HOSTS}, component="bundle"})`],
      columns: [
        { of: 'version', title: 'Version' },
        { of: { value: 0 }, title: 'Chips', width: 80 },
      ],
      sortBy: 'Chips',
    }),
    table({
      ...size,
      title: 'Drivers',
      description: 'How many hosts have which kernel driver.',
      queries: [`count by (version) (tt_driver_info{${HOSTS}})`],
      columns: [
        { of: 'version', title: 'Version' },
        { of: { value: 0 }, title: 'Hosts', width: 80 },
      ],
      sortBy: 'Hosts',
    }),
    series({
      width: 12,
      height: 8,
      title: 'Temperature by host',
      description: 'The hottest chip of each of the eight hottest hosts.',
      unit: 'celsius',
      queries: [
        { expr: most(8, HOST, `max by (${HOST}) (tt_device_temperature_celsius{${HOSTS}})`), legend: '{{instance}}' },
      ],
    }),
    series({
      width: 12,
      height: 8,
      title: 'Power by host',
      description: 'Power of the ASIC cores of each of the eight hosts that take most.',
      unit: 'watt',
      stacked: true,
      queries: [{ expr: most(8, HOST, `sum by (${HOST}) (tt_device_power_watts{${HOSTS}})`), legend: '{{instance}}' }],
    }),
  ];
}
