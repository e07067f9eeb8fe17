import { DEVICE, HOST, PROCESS, promql } from '../../../alerts/generator/promql.ts';
import { CHIPS, eachMemory, HOSTS } from './selectors.ts';

/** Vectors of memory that several panels are about. By chip or process; `memory` is DRAM or L1. */

/** Share of the chip's DRAM that is allocated. */
export const DRAM_SHARE = promql`
  sum by (${DEVICE}) (tt_device_dram_allocated_bytes{${CHIPS}})
    / on (${DEVICE}) max by (${DEVICE}) (tt_dram_capacity_bytes{${CHIPS}})`;

export const CAPACITY = eachMemory(({ memory }) => `max by (${DEVICE}) (tt_${memory}_capacity_bytes{${CHIPS}})`);

export const ORPHANED = eachMemory(
  ({ memory, types }) => `sum by (${PROCESS}) (tt_${memory}_orphaned_bytes{${CHIPS}, type=~"${types}"}) > 0`,
);

export const UNATTRIBUTED = eachMemory(
  ({ memory, types }) => `sum by (${DEVICE}) (tt_${memory}_unattributed_bytes{${CHIPS}, type=~"${types}"})`,
);

export const HELD = eachMemory(
  ({ memory, types }) => `sum by (${PROCESS}) (tt_${memory}_allocated_bytes{${CHIPS}, pid!="other", type=~"${types}"})`,
);

/** What a process never gave back in the last window, less the same of the window before. */
export const GROWN = `(\n${eachMemory(
  ({ memory, types }) => promql`
    sum by (${PROCESS}) (min_over_time(tt_${memory}_allocated_bytes{${CHIPS}, pid!="other", type=~"${types}"}[$window]))
      - sum by (${PROCESS}) (min_over_time(tt_${memory}_allocated_bytes{${CHIPS}, pid!="other", type=~"${types}"}[$window] offset $window))`,
)}\n) > 0`;

/** Bytes a second by which a process has grown over the window: the slope of a line through it. */
export const SLOPE = eachMemory(
  ({ memory, types }) =>
    `sum by (${PROCESS}) (deriv(tt_${memory}_allocated_bytes{${CHIPS}, pid!="other", type=~"${types}"}[$window])) > 0`,
);

/** What the processes that grow most have grown by; the rows of the table of who grows. */
export const MOST_GROWN = `topk(12, ${GROWN})`;

/** Seconds until the chip is full of DRAM if a process goes on as over the window. By process. */
export const FULL_IN = promql`
  (
    max by (${DEVICE}) (tt_dram_capacity_bytes{${CHIPS}})
      - on (${DEVICE}) sum by (${DEVICE}) (tt_device_dram_allocated_bytes{${CHIPS}})
  )
    / on (${DEVICE}) group_right () (
      sum by (${PROCESS}) (deriv(tt_dram_allocated_bytes{${CHIPS}, pid!="other", type=~"dram|trace"}[$window])) > 0
    )
  and on (${PROCESS}) (
    sum by (${PROCESS}) (min_over_time(tt_dram_allocated_bytes{${CHIPS}, pid!="other", type=~"dram|trace"}[$window]))
      > sum by (${PROCESS}) (min_over_time(tt_dram_allocated_bytes{${CHIPS}, pid!="other", type=~"dram|trace"}[$window] offset $window))
  )`;

/** When a process last held no more than a window before, in seconds since the Unix epoch; 0: not in the time shown. */
const LAST_FLAT = eachMemory(({ memory, types }) => {
  const held = (offset: string) =>
    `sum by (${PROCESS}) (tt_${memory}_allocated_bytes{${CHIPS}, pid!="other", type=~"${types}"}${offset})`;
  return promql`
    max_over_time((
      (${held('')} <= bool ${held(' offset $window')}) * time()
    )[$__range:$window])`;
});

/**
 * Since when what grows has been growing, in milliseconds: since it last did not within the time shown, or since the
 * process started, or since the beginning of the time shown.
 */
export const GROWING_SINCE = promql`
  1000 * (
    (
      (
        ${LAST_FLAT}
      ) > 0
    )
    or on (${PROCESS}, memory) clamp_min(
      0 * ${MOST_GROWN}
        + on (${HOST}, pid) group_left () max by (${HOST}, pid) (tt_process_start_time_seconds{${HOSTS}}),
      time() - $__range_s
    )
    or on (${PROCESS}, memory) 0 * ${MOST_GROWN} + (time() - $__range_s)
  )`;
