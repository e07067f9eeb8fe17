import { counter, gauge, upDown } from '../otel-metric.ts';
import type { OtelMetric } from '../otel-metric.ts';

export const EXPORTER_METRICS: readonly OtelMetric[] = [
  gauge('tt_exporter_collector_success', 'tenstorrent.exporter.collector.success', '1'),
  gauge('tt_exporter_collector_duration_seconds', 'tenstorrent.exporter.collector.duration', 's', {
    valueType: 'double',
  }),
  counter('tt_exporter_read_errors_total', 'tenstorrent.exporter.read_errors', '{error}', { since: 'reader' }),
  gauge('tt_exporter_missing_rights', 'tenstorrent.exporter.missing_rights', '1'),
  upDown('tt_exporter_devices_skipped', 'tenstorrent.exporter.devices.skipped', '{device}'),
  upDown('tt_exporter_processes_folded', 'tenstorrent.exporter.processes.folded', '{process}'),
  gauge('tt_maintenance', 'tenstorrent.maintenance', '1'),
];
