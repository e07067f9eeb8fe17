import { DEVICE, HOST, PROCESS, promql } from '../../alerts/generator/promql.ts';
import { CHIP_COLUMN, HOST_COLUMN, OWNER_COLUMNS } from './parts/columns.ts';
import type { Page } from './parts/page.ts';
import { series, stat } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { CHIPS, HOSTS, most, orNone, withOwner } from './parts/selectors.ts';
import { badAbove } from './parts/steps.ts';
import { table } from './parts/table.ts';

const WORKLOAD = 'workload_kind, workload';
const PROCESSES = `${HOST}, pid`;
/** Who holds a chip whose memory nobody counts. */
const UNTRACKED = promql`
  sum by (${PROCESSES}) (tt_process_open_devices{${HOSTS}, pid!="other"})
    unless on (${PROCESSES}) tt_dram_allocated_bytes{${HOSTS}}
    unless on (${PROCESSES}) tt_l1_allocated_bytes{${HOSTS}}`;

/** Whose is it? */
export function jobsPage(): Page {
  return {
    name: 'jobs',
    title: 'Jobs and processes',
    description: 'Whose is it? Memory and chips by pod, Slurm job, container and unit, and by process.',
    from: 'now-3h',
    chips: true,
    panels: [...numbers(), ...workloads(), ...processes()],
    rows: [{ title: 'Beside the memory of the chips', panels: besides() }],
  };
}

function numbers(): PanelBuilder[] {
  const size = { width: 4, height: 3, unit: 'none' };
  return [
    stat({
      ...size,
      title: 'With memory',
      description: 'Pods, Slurm jobs, containers and units that hold memory of chips.',
      expr: `count(count by (${HOST}, ${WORKLOAD}) (tt_workload_dram_allocated_bytes{${CHIPS}} > 0)) or 0 * count(tt_workload_dram_allocated_bytes{${CHIPS}})`,
    }),
    stat({
      ...size,
      title: 'Processes on chips',
      description: 'Processes that have a chip open.',
      expr: orNone(`count(count by (${PROCESSES}) (tt_process_open_devices{${CHIPS}, pid!="other"}))`),
    }),
    stat({
      ...size,
      title: 'With untracked memory',
      description:
        'Processes that hold a chip and report nothing: their memory is in no number here. The others may be right all the same.',
      expr: orNone(`count(${UNTRACKED})`),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Dead with memory',
      description: 'Processes that are proven gone and still charged with memory. The Leaks dashboard has them.',
      expr: orNone(`count(tt_process_alive{${HOSTS}} == 0)`),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Cannot be seen',
      description: "Descriptors of chips whose processes cannot be seen from the exporter's PID namespace.",
      expr: `sum(tt_device_holders_invisible{${CHIPS}})`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Folded together',
      description: 'Processes that are part of pid="other" because a chip has more of them than are shown.',
      expr: `sum(tt_exporter_processes_folded{${HOSTS}})`,
      steps: badAbove(1),
    }),
  ];
}

function workloads(): PanelBuilder[] {
  const dram = `sum by (${HOST}, ${WORKLOAD}) (tt_workload_dram_allocated_bytes{${CHIPS}})`;
  return [
    table({
      title: 'Workloads',
      description:
        'Memory by pod (its UID), Slurm job, container or unit. A process counts for one of them. They last longer than PIDs.',
      unit: 'bytes',
      width: 12,
      height: 8,
      queries: [
        dram,
        `sum by (${HOST}, ${WORKLOAD}) (tt_workload_l1_allocated_bytes{${CHIPS}})`,
        `count by (${HOST}, ${WORKLOAD}) (sum by (${DEVICE}, ${WORKLOAD}) (tt_workload_dram_allocated_bytes{${CHIPS}}) > 0)`,
      ],
      columns: [
        { of: 'workload_kind', title: 'Kind', width: 90 },
        { of: 'workload', title: 'Workload' },
        { ...HOST_COLUMN, width: 120 },
        { of: { value: 2 }, title: 'Chips', unit: 'none', width: 60 },
        { of: { value: 0 }, title: 'DRAM', width: 85 },
        { of: { value: 1 }, title: 'L1', width: 85 },
      ],
      sortBy: 'DRAM',
    }),
    series({
      title: 'DRAM by workload',
      description: 'The eight largest pods, Slurm jobs, containers and units.',
      unit: 'bytes',
      width: 12,
      height: 8,
      stacked: true,
      queries: [
        { expr: most(8, `${HOST}, ${WORKLOAD}`, dram), legend: '{{workload_kind}} {{workload}} on {{instance}}' },
      ],
    }),
  ];
}

function processes(): PanelBuilder[] {
  return [
    table({
      title: 'Processes',
      description:
        'Every process that holds memory or has a chip open, by chip. A PID with "?" is the writer\'s own number of one that is not proven to be any of the host\'s.',
      unit: 'bytes',
      width: 24,
      height: 9,
      queries: [
        withOwner(promql`
          (
            sum by (${PROCESS}) (tt_dram_allocated_bytes{${CHIPS}})
            or on (${PROCESS}) 0 * sum by (${PROCESS}) (tt_process_open_devices{${CHIPS}})
          )`),
        `sum by (${PROCESS}) (tt_l1_allocated_bytes{${CHIPS}, type!="cb"})`,
        `sum by (${PROCESS}) (tt_l1_allocated_bytes{${CHIPS}, type="cb"})`,
        `sum by (${PROCESS}) (tt_process_open_devices{${CHIPS}})`,
        promql`
          1000 * (
            0 * sum by (${PROCESS}) (tt_dram_allocated_bytes{${CHIPS}} or tt_process_open_devices{${CHIPS}})
              + on (${PROCESSES}) group_left () max by (${PROCESSES}) (tt_process_start_time_seconds{${HOSTS}})
          )`,
      ],
      columns: [
        ...OWNER_COLUMNS,
        HOST_COLUMN,
        CHIP_COLUMN,
        { of: { value: 0 }, title: 'DRAM', width: 100 },
        { of: { value: 1 }, title: 'L1', width: 100 },
        { of: { value: 2 }, title: 'Circular buffers', width: 130 },
        { of: { value: 3 }, title: 'Opened', unit: 'none', width: 80 },
        { of: { value: 4 }, title: 'Started', unit: 'dateTimeFromNow', width: 140 },
      ],
      sortBy: 'DRAM',
    }),
    series({
      title: 'DRAM by process',
      description: 'The eight largest processes on one chip.',
      unit: 'bytes',
      width: 12,
      height: 9,
      queries: [
        {
          expr: withOwner(most(8, PROCESS, `sum by (${PROCESS}) (tt_dram_allocated_bytes{${CHIPS}})`)),
          legend: '{{comm}} {{pid}} on {{device}} of {{instance}}',
        },
      ],
    }),
    series({
      title: 'L1 by process',
      description: 'The eight largest processes on one chip. Circular buffers may be a high-water mark.',
      unit: 'bytes',
      width: 12,
      height: 9,
      queries: [
        {
          expr: withOwner(most(8, PROCESS, `sum by (${PROCESS}) (tt_l1_allocated_bytes{${CHIPS}})`)),
          legend: '{{comm}} {{pid}} on {{device}} of {{instance}}',
        },
      ],
    }),
  ];
}

function besides(): PanelBuilder[] {
  const size = { width: 12, height: 8 };
  return [
    table({
      ...size,
      title: 'Processes that report nothing',
      description:
        'Processes that hold a chip and whose memory is in no number: tracking is off, or another tracker has it.',
      unit: 'none',
      noValue: 'All that hold a chip report',
      queries: [withOwner(UNTRACKED, PROCESSES)],
      columns: [...OWNER_COLUMNS, HOST_COLUMN, { of: { value: 0 }, title: 'Chips opened', width: 120 }],
      sortBy: 'Chips opened',
    }),
    series({
      ...size,
      title: 'Host memory pinned for chips',
      description: 'SYSTEM_MEMORY buffers, by process; in no number of device memory. From tt-allocation-server.',
      unit: 'bytes',
      queries: [
        {
          expr: withOwner(most(8, PROCESS, `sum by (${PROCESS}) (tt_host_allocated_bytes{${CHIPS}})`)),
          legend: '{{comm}} {{pid}} on {{device}} of {{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Buffers',
      description:
        'Buffers that a process has allocated and not freed, the eight with most. From tt-allocation-server.',
      unit: 'short',
      queries: [
        {
          expr: withOwner(most(8, PROCESS, `sum by (${PROCESS}) (tt_live_buffers{${CHIPS}})`)),
          legend: '{{comm}} {{pid}} on {{device}} of {{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Fullest core of circular buffers',
      description:
        'Circular buffers of a process on its fullest core: L1 runs out a core at a time, at 1.5 MiB or less. From applications that report cores.',
      unit: 'bytes',
      queries: [
        {
          expr: withOwner(most(8, PROCESS, `max by (${PROCESS}) (tt_l1_cb_max_core_bytes{${CHIPS}})`)),
          legend: '{{comm}} {{pid}} on {{device}} of {{instance}}',
        },
      ],
    }),
  ];
}
