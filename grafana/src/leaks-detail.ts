import { DEVICE, HOST, PROCESS, promql } from '../../alerts/generator/promql.ts';
import { CHIP_COLUMN, HOST_COLUMN, OWNER_COLUMNS } from './parts/columns.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { CHIPS, HOSTS, most, named, withOwner } from './parts/selectors.ts';
import { table } from './parts/table.ts';

/** What trackers and the allocation server know of those that leak. */
export function besides(): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    table({
      title: 'Ended processes',
      description:
        'The most that each process held at one moment before it ended. Kept for 15 minutes by tt-allocation-server.',
      unit: 'bytes',
      width: 12,
      height: 8,
      noValue: 'No process ended within 15 minutes',
      queries: [
        named(promql`
          sum by (${PROCESS}) (tt_ended_process_peak_bytes{${CHIPS}, type=~"dram|trace"})
            * on (${HOST}, pid) group_left (comm, pod_uid, container_id, slurm_job_id, unit)
              topk by (${HOST}, pid) (1, tt_ended_process_info{${HOSTS}})`),
        `sum by (${PROCESS}) (tt_ended_process_peak_bytes{${CHIPS}, type=~"l1|l1_small"})`,
      ],
      columns: [
        ...OWNER_COLUMNS,
        HOST_COLUMN,
        CHIP_COLUMN,
        { of: { value: 0 }, title: 'Peak of DRAM', width: 120 },
        { of: { value: 1 }, title: 'Peak of L1', width: 110 },
      ],
      sortBy: 'Peak of DRAM',
    }),
    table({
      title: 'Oldest and idlest',
      description:
        'When each process allocated the oldest buffer that it still holds, and when it last allocated or freed. Old and quiet is how serving looks; old and growing is a leak. From tt-allocation-server.',
      unit: 'dateTimeFromNow',
      width: 12,
      height: 8,
      queries: [
        withOwner(`1000 * min by (${PROCESS}) (tt_oldest_buffer_timestamp_seconds{${CHIPS}})`),
        `1000 * max by (${PROCESS}) (tt_last_activity_timestamp_seconds{${CHIPS}})`,
        `sum by (${PROCESS}) (tt_live_buffers{${CHIPS}})`,
      ],
      columns: [
        ...OWNER_COLUMNS,
        HOST_COLUMN,
        CHIP_COLUMN,
        { of: { value: 0 }, title: 'Oldest buffer', width: 140 },
        { of: { value: 1 }, title: 'Last activity', width: 140 },
        { of: { value: 2 }, title: 'Buffers', unit: 'short', width: 90 },
      ],
      sortBy: 'Buffers',
    }),
    series({
      ...size,
      title: 'Since the trackers saw a change',
      description: 'Age of the last allocation or free that the tracker of a chip saw. Old does not mean dead.',
      unit: 's',
      queries: [
        {
          expr: most(
            4,
            `${DEVICE}, source`,
            `time() - max by (${DEVICE}, source) (tt_memory_last_update_timestamp_seconds{${CHIPS}})`,
          ),
          legend: '{{device}} of {{instance}}, {{source}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'L1 of those that hold most',
      description: 'L1 and L1_SMALL by process; circular buffers, which may be a high-water mark, are not in it.',
      unit: 'bytes',
      queries: [
        {
          expr: withOwner(
            most(4, PROCESS, `sum by (${PROCESS}) (tt_l1_allocated_bytes{${CHIPS}, type=~"l1|l1_small"})`),
          ),
          legend: '{{comm}} {{pid}} on {{device}} of {{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Peaks',
      description: 'The most DRAM that was allocated on a chip at one moment since the allocation server started.',
      unit: 'bytes',
      queries: [
        {
          expr: most(8, DEVICE, `sum by (${DEVICE}) (tt_peak_allocated_bytes{${CHIPS}, type=~"dram|trace"})`),
          legend: '{{device}} of {{instance}}',
        },
      ],
    }),
  ];
}

/** The allocation server's counters: leaks of buffers, and allocations that failed. */
export function buffers(): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  const rate = (family: string) => `sum by (${DEVICE}) (rate(${family}{${CHIPS}}[$__rate_interval]))`;
  return [
    series({
      ...size,
      title: 'Allocated and not freed',
      description: 'Buffers allocated a second, less those freed. Above 0 for long is a leak of buffers, of any size.',
      unit: 'ops',
      queries: [
        {
          expr: most(8, DEVICE, `${rate('tt_allocations_total')} - on (${DEVICE}) ${rate('tt_frees_total')}`),
          legend: '{{device}} of {{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Bytes in and out',
      description:
        'Bytes allocated, freed by their processes, and taken back from processes that ended without freeing them.',
      unit: 'binBps',
      queries: [
        { expr: `sum(rate(tt_allocated_bytes_total{${CHIPS}}[$__rate_interval]))`, legend: 'allocated' },
        { expr: `sum(rate(tt_freed_bytes_total{${CHIPS}}[$__rate_interval]))`, legend: 'freed' },
        { expr: `sum(rate(tt_reclaimed_bytes_total{${CHIPS}}[$__rate_interval]))`, legend: 'taken back from the dead' },
      ],
    }),
    series({
      ...size,
      title: 'Allocations that failed',
      description: 'Allocations that failed for want of memory, as applications report them. Any is an alert.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (${DEVICE}, type) (rate(tt_allocation_failures_total{${CHIPS}}[$__rate_interval]))`,
          legend: '{{type}} on {{device}} of {{instance}}',
        },
      ],
    }),
    table({
      title: 'What could still be allocated',
      description:
        'The largest block that the allocator could hand out, and how much the last allocation that failed had asked for, as applications report them.',
      unit: 'bytes',
      width: 24,
      height: 7,
      noValue: 'No application reports it',
      queries: [
        `max by (${DEVICE}, type) (tt_largest_free_block_bytes{${CHIPS}})`,
        `max by (${DEVICE}, type) (tt_last_failed_allocation_bytes{${CHIPS}})`,
      ],
      columns: [
        HOST_COLUMN,
        CHIP_COLUMN,
        { of: 'type', title: 'Memory', width: 100 },
        { of: { value: 0 }, title: 'Largest free block', width: 200 },
        { of: { value: 1 }, title: 'Last one that failed', width: 200 },
      ],
      sortBy: 'Last one that failed',
    }),
  ];
}
