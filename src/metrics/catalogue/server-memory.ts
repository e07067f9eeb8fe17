import type { ProcessMemoryDetail } from '../../snapshot/snapshot.ts';
import type { Family } from '../family.ts';
import { drawProcessDram, drawProcessL1, perDeviceAndType } from './drawing.ts';

const SINCE_START = 'since the server started; it knows nothing of what was allocated before.';

/** What only this project's own allocation server counts, by device. */
const DEVICE_FAMILIES: readonly Family[] = [
  {
    name: 'tt_allocations_total',
    type: 'counter',
    unit: undefined,
    help: `Buffers allocated ${SINCE_START}`,
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.counters?.allocations),
  },
  {
    name: 'tt_frees_total',
    type: 'counter',
    unit: undefined,
    help: `Buffers freed by their processes ${SINCE_START} What was taken back from dead processes is not in it.`,
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.counters?.frees),
  },
  {
    name: 'tt_allocated_bytes_total',
    type: 'counter',
    unit: 'bytes',
    help: `Bytes allocated ${SINCE_START} Less tt_freed_bytes_total and tt_reclaimed_bytes_total it is what is held.`,
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.counters?.allocatedBytes),
  },
  {
    name: 'tt_freed_bytes_total',
    type: 'counter',
    unit: 'bytes',
    help: `Bytes freed by their processes ${SINCE_START} What was taken back from dead processes is not in it.`,
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.counters?.freedBytes),
  },
  {
    name: 'tt_reclaimed_bytes_total',
    type: 'counter',
    unit: 'bytes',
    help: 'Bytes that the server took back from processes that ended without freeing them, since it started.',
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.counters?.reclaimedBytes),
  },
  {
    name: 'tt_peak_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'The most that was allocated on the chip at one moment since the server started, each type for itself; where the numbers are from shared memory regions, as the server saw them each second (--watch-regions).',
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.peakBytes),
  },
  {
    name: 'tt_largest_free_block_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'The largest block that the allocator could still hand out, as it reports it: what fragmentation leaves. Absent where no application reports it.',
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.largestFreeBlockBytes),
  },
  {
    name: 'tt_allocation_failures_total',
    type: 'counter',
    unit: undefined,
    help: 'Allocations that failed for want of memory, as applications report them, since the server started. Failures that no application reports are not in it.',
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.counters?.allocationFailures),
  },
  {
    name: 'tt_last_failed_allocation_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'How much the last allocation that failed had asked for. It does not say when that was.',
    labels: ['device', 'type'],
    group: 'allocation_server',
    draw: perDeviceAndType('all', (device) => device.memory?.lastFailedAllocationBytes),
  },
];

/** The same by process. */
const PROCESS_FAMILIES: readonly Family[] = [
  {
    name: 'tt_live_buffers',
    type: 'gauge',
    unit: undefined,
    help: 'Buffers that a process has allocated and not freed. How large they are is in tt_l1_allocated_bytes and tt_dram_allocated_bytes.',
    labels: ['device', 'pid', 'type'],
    group: 'allocation_server',
    draw(snapshot, sink) {
      for (const { label, memory } of snapshot.devices) {
        for (const { pid, detail } of memory?.processes ?? []) {
          if (detail === undefined) continue;
          drawProcessL1(sink, detail.liveBuffers, label, pid);
          drawProcessDram(sink, detail.liveBuffers, label, pid);
        }
      }
    },
  },
  {
    name: 'tt_oldest_buffer_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the oldest buffer that the process still holds was allocated, in seconds since the Unix epoch.',
    labels: ['device', 'pid'],
    group: 'allocation_server',
    draw: perDetail((detail) => detail.oldestBufferSeconds),
  },
  {
    name: 'tt_last_activity_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the process last allocated or freed on the chip, in seconds since the Unix epoch. Replaying a trace allocates nothing, so old does not mean idle.',
    labels: ['device', 'pid'],
    group: 'allocation_server',
    draw: perDetail((detail) => detail.lastActivitySeconds),
  },
  {
    name: 'tt_host_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Host memory that the process has pinned for the chip (SYSTEM_MEMORY buffers); it is in no number of device memory.',
    labels: ['device', 'pid'],
    group: 'allocation_server',
    draw: perDetail((detail) => detail.hostBytes),
  },
  {
    name: 'tt_l1_cb_max_core_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Circular buffers of the process on its fullest core: L1 runs out a core at a time. Absent where applications do not report cores; other L1 on that core is not in it.',
    labels: ['device', 'pid'],
    group: 'allocation_server',
    draw: perDetail((detail) => detail.cbMaxCoreBytes),
  },
];

/** Draws one sample a device and process, where `read` knows a number. */
function perDetail(read: (detail: ProcessMemoryDetail) => number | undefined): Family['draw'] {
  return (snapshot, sink) => {
    for (const { label, memory } of snapshot.devices) {
      for (const { pid, detail } of memory?.processes ?? []) {
        const value = detail === undefined ? undefined : read(detail);
        if (value !== undefined) sink.sample(value, label, pid);
      }
    }
  };
}

export const SERVER_MEMORY_FAMILIES: readonly Family[] = [...DEVICE_FAMILIES, ...PROCESS_FAMILIES];
