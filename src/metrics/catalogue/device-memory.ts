import type { Family } from '../family.ts';
import { byDevice, drawProcessDram, drawProcessL1, perDeviceAndType } from './drawing.ts';
import { drawOrphaned } from './orphaned.ts';

const REQUESTED =
  'Requested sizes over all banks: page padding, fragmentation, firmware and direct writes are not in it.';
const CB_NOTE =
  'type="cb" is a high-water mark over cached programs where tt_memory_tracker_info has a shared memory version of 1 to 3.';
const PROCESS =
  'what a process is charged with, alive or not; pid="?N" is the writer\'s own number of a process not proven to be any of the host\'s, pid="other" the sum of those beyond --memory.max-processes.';

/** What the chip's chosen tracker says is allocated, in all, by process, and what belongs to nobody that lives. */
export const DEVICE_MEMORY_FAMILIES: readonly Family[] = [
  {
    name: 'tt_l1_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `L1 by process: ${PROCESS} ${REQUESTED} ${CB_NOTE}`,
    labels: ['device', 'pid', 'type'],
    group: 'memory',
    ...byDevice({
      source: ({ memory }) => memory?.processes,
      draw({ label, memory }, sink) {
        for (const { pid, bytes } of memory?.processes ?? []) drawProcessL1(sink, bytes, label, pid);
      },
    }),
  },
  {
    name: 'tt_dram_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `DRAM by process: ${PROCESS} ${REQUESTED}`,
    labels: ['device', 'pid', 'type'],
    group: 'memory',
    ...byDevice({
      source: ({ memory }) => memory?.processes,
      draw({ label, memory }, sink) {
        for (const { pid, bytes } of memory?.processes ?? []) drawProcessDram(sink, bytes, label, pid);
      },
    }),
  },
  {
    name: 'tt_device_l1_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `L1 of the chip that its tracker counts as allocated, as the tracker says it; more than the capacity is a finding, not an error. ${REQUESTED} ${CB_NOTE}`,
    labels: ['device', 'type'],
    group: 'memory',
    draw: perDeviceAndType('l1', (device) => device.memory?.totals),
  },
  {
    name: 'tt_device_dram_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `DRAM of the chip that its tracker counts as allocated, as the tracker says it; more than the capacity is a finding, not an error. ${REQUESTED}`,
    labels: ['device', 'type'],
    group: 'memory',
    draw: perDeviceAndType('dram', (device) => device.memory?.totals),
  },
  {
    name: 'tt_l1_unattributed_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `Allocated L1 of the chip that no process is charged with: its total less the sum over processes, at least 0. Absent where the tracker does not tell processes apart. ${CB_NOTE}`,
    labels: ['device', 'type'],
    group: 'memory',
    draw: perDeviceAndType('l1', (device) => device.memory?.unattributed),
  },
  {
    name: 'tt_dram_unattributed_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Allocated DRAM of the chip that no process is charged with: its total less the sum over processes, at least 0. Absent where the tracker does not tell processes apart.',
    labels: ['device', 'type'],
    group: 'memory',
    draw: perDeviceAndType('dram', (device) => device.memory?.unattributed),
  },
  {
    name: 'tt_l1_orphaned_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `The part of tt_l1_allocated_bytes whose process is proven gone: leaked. 0 with an empty pid: proven that there is none; absent: it cannot be proven. ${CB_NOTE}`,
    labels: ['device', 'pid', 'type'],
    group: 'memory',
    draw: drawOrphaned(['l1', 'l1_small', 'cb', 'kernel']),
  },
  {
    name: 'tt_dram_orphaned_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'The part of tt_dram_allocated_bytes whose process is proven gone: leaked. 0 with an empty pid: proven that there is none; absent: it cannot be proven.',
    labels: ['device', 'pid', 'type'],
    group: 'memory',
    draw: drawOrphaned(['dram', 'trace']),
  },
];
