import { DEVICE, promql } from './promql.ts';
import type { Alert } from './rules.ts';
import { BYTES, CAPACITY_TEXT, DEVICE_TEXT, HOLDERS_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

const ALLOCATED = 'device_memory:tt_allocated_bytes:sum';
const CAPACITY = 'device_memory:tt_capacity_bytes:max';
const UNATTRIBUTED = 'device_memory:tt_unattributed_bytes:sum';
const ON_MEMORY = `on (${DEVICE}, memory)`;

/** Chips that are full, or hold memory that nobody is charged with. */
export function memoryAlerts(thresholds: Thresholds): Alert[] {
  return [overCapacity(thresholds), almostFull(thresholds), unattributed(thresholds), allocationFailing(thresholds)];
}

function overCapacity(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentMemoryOverCapacity',
    why: 'Circular buffers count only where they are no high-water mark over cached programs, as they are in shared memory layouts 1 to 3.',
    expr: promql`
      ${ALLOCATED} > ${ON_MEMORY} ${CAPACITY}
      or ${ON_MEMORY} label_replace(
        sum by (${DEVICE}) (
          tt_device_l1_allocated_bytes{type=~"l1|l1_small|cb"}
          unless on (${DEVICE}) tt_memory_tracker_info{source="shared_memory", version=~"[123]"}
        ) > on (${DEVICE}) tt_l1_capacity_bytes,
        "memory", "l1", "", ""
      )`,
    for: thresholds.duration('overCapacity.for'),
    severity: 'warning',
    audience: 'workload',
    summary: 'More device memory is accounted than the chip has',
    description: `${DEVICE_TEXT} has ${BYTES} of {{ $labels.memory }} accounted, beyond its capacity of ${CAPACITY_TEXT}: the books of its tracker are wrong, or a process does not give back what it frees.${HOLDERS_TEXT}`,
  };
}

function almostFull(thresholds: Thresholds): Alert {
  const range = `${ALLOCATED}{memory="dram"}[${thresholds.duration('almostFull.window')}]`;
  return {
    kind: 'alert',
    alert: 'TenstorrentMemoryAlmostFull',
    why: 'Full and flat is how a server that preallocates looks: only DRAM that still moves can run out. L1 is meant to be full.',
    expr: promql`
      ${ALLOCATED}{memory="dram"} > ${ON_MEMORY} ${thresholds.number('almostFull.usedShare')} * ${CAPACITY}
      and ${ON_MEMORY}
        max_over_time(${range}) - min_over_time(${range})
          > ${ON_MEMORY} ${thresholds.number('almostFull.movedShare')} * ${CAPACITY}`,
    for: thresholds.duration('almostFull.for'),
    severity: 'info',
    audience: 'workload',
    summary: 'A chip is almost out of DRAM, and its use still moves',
    description: `${DEVICE_TEXT} has ${BYTES} of ${CAPACITY_TEXT} of DRAM allocated, and the amount still moves.${HOLDERS_TEXT}`,
  };
}

function unattributed(thresholds: Thresholds): Alert {
  return {
    kind: 'alert',
    alert: 'TenstorrentMemoryUnattributed',
    why: 'Trackers drift by some per cent of the capacity; while nobody holds the chip there is nothing to drift.',
    expr: promql`
      ${UNATTRIBUTED} > ${ON_MEMORY} ${thresholds.number('unattributed.driftShare')} * ${CAPACITY}
      or ${ON_MEMORY} (${UNATTRIBUTED} > 0 and on (${DEVICE}) tt_device_holders == 0)`,
    for: thresholds.duration('unattributed.for'),
    severity: 'warning',
    audience: 'workload',
    summary: 'Device memory is allocated that no process is charged with',
    description: `${DEVICE_TEXT} has ${BYTES} of {{ $labels.memory }} allocated that no process accounts for.`,
  };
}

function allocationFailing(thresholds: Thresholds): Alert {
  const counter = 'tt_allocation_failures_total';
  const window = thresholds.duration('allocationFailing.window');
  const memory = thresholds.duration('allocationFailing.memory');
  return {
    kind: 'alert',
    alert: 'TenstorrentAllocationFailing',
    why: 'A counter may appear with its first failure, which increase() does not see.',
    expr: promql`
      sum by (${DEVICE}, type) (
        increase(${counter}[${window}]) > 0
        or (${counter} > 0 unless last_over_time(${counter}[${memory}] offset ${window}))
      )`,
    severity: 'warning',
    audience: 'workload',
    summary: 'Allocations of device memory fail',
    description: `${DEVICE_TEXT}: {{ $value | humanize }} allocations of {{ $labels.type }} failed for want of memory in the last ${window}.`,
  };
}
