import { gauge, upDown } from '../otel-metric.ts';
import type { OtelMetric } from '../otel-metric.ts';

export const PROCESS_METRICS: readonly OtelMetric[] = [
  gauge('tt_process_info', 'tenstorrent.process.info', '1'),
  gauge('tt_process_alive', 'tenstorrent.process.alive', '1'),
  gauge('tt_process_start_time_seconds', 'tenstorrent.process.start_time', 's', { valueType: 'double' }),
  upDown('tt_process_open_devices', 'tenstorrent.process.open_descriptors', '{descriptor}'),
  upDown('tt_device_holders', 'tenstorrent.device.open_descriptors', '{descriptor}'),
  upDown('tt_device_holders_invisible', 'tenstorrent.device.invisible_descriptors', '{descriptor}'),
  upDown('tt_workload_l1_allocated_bytes', 'tenstorrent.workload.l1.usage', 'By'),
  upDown('tt_workload_dram_allocated_bytes', 'tenstorrent.workload.dram.usage', 'By'),
];
