import type { Family } from '../family.ts';
import { perDevice } from './drawing.ts';

const NO_PREDICTION = 'Memory runs out in one bank and by fragmentation, so a ratio of totals does not predict when.';

/** What a chip has, what of it can be handed out, and estimates for what no tracker counts. */
export const CAPACITY_FAMILIES: readonly Family[] = [
  {
    name: 'tt_l1_capacity_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `L1 of the chip over all Tensix cores that harvesting left, what firmware and kernels reserve included; tt_capacity_info says where the figure is from. ${NO_PREDICTION}`,
    labels: ['device'],
    group: 'memory',
    draw: perDevice((device) => device.capacity.l1Bytes),
  },
  {
    name: 'tt_dram_capacity_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `DRAM of the chip over the banks that harvesting left. ${NO_PREDICTION}`,
    labels: ['device'],
    group: 'memory',
    draw: perDevice((device) => device.capacity.dramBytes),
  },
  {
    name: 'tt_capacity_info',
    type: 'gauge',
    unit: undefined,
    help: 'Where the capacities of the chip are from and how many Tensix cores they count; always 1. An empty value is not known.',
    labels: ['device', 'source', 'cores'],
    group: 'memory',
    draw(snapshot, sink) {
      for (const { label, capacity } of snapshot.devices) {
        if (capacity.source !== undefined) {
          sink.sample(1, label, capacity.source, capacity.cores === undefined ? '' : String(capacity.cores));
        }
      }
    },
  },
  {
    name: 'tt_l1_allocatable_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: "Estimate of the L1 that TT-Metal's allocator can hand out: the capacity less what firmware and the kernel-config ring reserve on each core, from TT-Metal's memory map. It moves by some hundred bytes a core between releases.",
    labels: ['device'],
    group: 'memory',
    draw: perDevice((device) => device.capacity.l1AllocatableBytes),
  },
  {
    name: 'tt_l1_estimated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: "Estimate, not a measurement, of L1 that no tracker counts on this chip. firmware: what TT-Metal's memory map keeps below the kernel-config ring on each core; kernel: that ring whole, so anything from 0 to this; cb: 31 % of L1 while a process holds the chip, from one published measurement, the truth being anything from 0 to all that is free.",
    labels: ['device', 'type'],
    group: 'memory',
    draw(snapshot, sink) {
      for (const { label, estimates } of snapshot.devices) {
        if (estimates.cb !== undefined) sink.sample(estimates.cb, label, 'cb');
        if (estimates.kernel !== undefined) sink.sample(estimates.kernel, label, 'kernel');
        if (estimates.firmware !== undefined) sink.sample(estimates.firmware, label, 'firmware');
      }
    },
  },
  {
    name: 'tt_l1_kernel_ring_capacity_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Size of the kernel-config ring buffer as the allocation server reports it. Only from servers whose messages have it (dialect C).',
    labels: ['device'],
    group: 'memory',
    draw: perDevice((device) => device.memory?.ring?.capacityBytes),
  },
  {
    name: 'tt_l1_kernel_ring_used_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Bytes of the kernel-config ring buffer in use as the allocation server reports it. Only from servers whose messages have it (dialect C).',
    labels: ['device'],
    group: 'memory',
    draw: perDevice((device) => device.memory?.ring?.usedBytes),
  },
  {
    name: 'tt_cached_programs',
    type: 'gauge',
    unit: undefined,
    help: 'Programs in the kernel-config ring buffer as the allocation server reports it. Only from servers whose messages have it (dialect C).',
    labels: ['device'],
    group: 'memory',
    draw: perDevice((device) => device.memory?.ring?.programs),
  },
];
