import { counter, gauge, upDown } from '../otel-metric.ts';
import type { OtelMetric } from '../otel-metric.ts';

const SINCE_START = { since: 'allocation_server' } as const;
const TIME = { valueType: 'double' } as const;

export const ALLOCATION_SERVER_METRICS: readonly OtelMetric[] = [
  gauge('tt_allocation_server_up', 'tenstorrent.allocation_server.up', '1'),
  gauge('tt_allocation_server_info', 'tenstorrent.allocation_server.info', '1'),
  gauge('tt_allocation_server_start_time_seconds', 'tenstorrent.allocation_server.start_time', 's', TIME),
  counter('tt_allocation_server_messages_total', 'tenstorrent.allocation_server.messages', '{message}', {
    ...SINCE_START,
    attributes: { type: 'tenstorrent.message.type' },
  }),
  counter(
    'tt_allocation_server_rejected_messages_total',
    'tenstorrent.allocation_server.rejected_messages',
    '{message}',
    SINCE_START,
  ),
  upDown('tt_allocation_server_connections', 'tenstorrent.allocation_server.connections', '{connection}'),
  counter('tt_allocations_total', 'tenstorrent.allocations', '{buffer}', SINCE_START),
  counter('tt_frees_total', 'tenstorrent.frees', '{buffer}', SINCE_START),
  counter('tt_allocated_bytes_total', 'tenstorrent.allocated', 'By', SINCE_START),
  counter('tt_freed_bytes_total', 'tenstorrent.freed', 'By', SINCE_START),
  counter('tt_reclaimed_bytes_total', 'tenstorrent.reclaimed', 'By', SINCE_START),
  gauge('tt_peak_allocated_bytes', 'tenstorrent.memory.peak', 'By'),
  gauge('tt_largest_free_block_bytes', 'tenstorrent.memory.largest_free_block', 'By'),
  counter('tt_allocation_failures_total', 'tenstorrent.allocation.failures', '{failure}', SINCE_START),
  gauge('tt_last_failed_allocation_bytes', 'tenstorrent.allocation.last_failed', 'By'),
  upDown('tt_live_buffers', 'tenstorrent.process.buffers', '{buffer}'),
  gauge('tt_oldest_buffer_timestamp_seconds', 'tenstorrent.process.oldest_buffer.timestamp', 's', TIME),
  gauge('tt_last_activity_timestamp_seconds', 'tenstorrent.process.last_activity.timestamp', 's', TIME),
  upDown('tt_host_allocated_bytes', 'tenstorrent.process.host_memory.usage', 'By'),
  gauge('tt_l1_cb_max_core_bytes', 'tenstorrent.process.l1.cb.max_core', 'By'),
  gauge('tt_ended_process_peak_bytes', 'tenstorrent.ended_process.peak', 'By'),
  gauge('tt_ended_process_info', 'tenstorrent.ended_process.info', '1'),
];
