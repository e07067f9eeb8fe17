import { gauge, upDown } from '../otel-metric.ts';
import type { OtelMetric } from '../otel-metric.ts';

/** Device memory: DRAM is the memory that the conventions have in `hw.gpu.memory.*`; they have none for L1. */
export const MEMORY_METRICS: readonly OtelMetric[] = [
  upDown('tt_l1_allocated_bytes', 'tenstorrent.process.l1.usage', 'By'),
  upDown('tt_dram_allocated_bytes', 'tenstorrent.process.dram.usage', 'By'),
  upDown('tt_device_l1_allocated_bytes', 'tenstorrent.l1.usage', 'By'),
  upDown('tt_device_dram_allocated_bytes', 'hw.gpu.memory.usage', 'By', { component: 'gpu' }),
  upDown('tt_l1_unattributed_bytes', 'tenstorrent.l1.unattributed', 'By'),
  upDown('tt_dram_unattributed_bytes', 'tenstorrent.dram.unattributed', 'By'),
  upDown('tt_l1_orphaned_bytes', 'tenstorrent.process.l1.orphaned', 'By'),
  upDown('tt_dram_orphaned_bytes', 'tenstorrent.process.dram.orphaned', 'By'),
  upDown('tt_l1_capacity_bytes', 'tenstorrent.l1.limit', 'By'),
  upDown('tt_dram_capacity_bytes', 'hw.gpu.memory.limit', 'By', { component: 'gpu' }),
  gauge('tt_capacity_info', 'tenstorrent.capacity.info', '1', {
    attributes: { source: 'tenstorrent.capacity.source', cores: 'tenstorrent.capacity.cores' },
  }),
  upDown('tt_l1_allocatable_bytes', 'tenstorrent.l1.allocatable', 'By'),
  upDown('tt_l1_estimated_bytes', 'tenstorrent.l1.estimated', 'By'),
  upDown('tt_l1_kernel_ring_capacity_bytes', 'tenstorrent.l1.kernel_ring.limit', 'By'),
  upDown('tt_l1_kernel_ring_used_bytes', 'tenstorrent.l1.kernel_ring.usage', 'By'),
  upDown('tt_cached_programs', 'tenstorrent.cached_programs', '{program}'),
  gauge('tt_memory_tracker_info', 'tenstorrent.memory.tracker.info', '1', {
    attributes: { version: 'tenstorrent.memory.tracker.version' },
  }),
  upDown('tt_memory_tracker_state', 'tenstorrent.memory.tracker.state', '1'),
  upDown('tt_memory_regions', 'tenstorrent.memory.regions', '{region}', {
    attributes: { state: 'tenstorrent.memory.region.state' },
  }),
  upDown('tt_memory_region_slots_used', 'tenstorrent.memory.region.slots.usage', '{slot}'),
  gauge('tt_memory_last_update_timestamp_seconds', 'tenstorrent.memory.last_update.timestamp', 's', {
    valueType: 'double',
  }),
];
