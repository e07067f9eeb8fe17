import { ALLOCATION_SERVER_METRICS } from './names/allocation-server.ts';
import { EXPORTER_METRICS } from './names/exporter.ts';
import { MEMORY_METRICS } from './names/memory.ts';
import { PROCESS_METRICS } from './names/processes.ts';
import { TELEMETRY_METRICS } from './names/telemetry.ts';
import type { OtelMetric } from './otel-metric.ts';

/** Every family of the catalogue as OpenTelemetry has it. A family may be two metrics, no two have the same name. */
export const OTEL_METRICS: readonly OtelMetric[] = [
  ...MEMORY_METRICS,
  ...ALLOCATION_SERVER_METRICS,
  ...PROCESS_METRICS,
  ...TELEMETRY_METRICS,
  ...EXPORTER_METRICS,
];

/**
 * What labels are called as attributes. `device` and `pid` are more than one attribute: see the devices' and the
 * processes' attributes.
 */
export const LABEL_ATTRIBUTES: Readonly<Record<string, string>> = {
  device: 'tenstorrent.device',
  pid: 'process.pid',
  type: 'tenstorrent.memory.type',
  source: 'tenstorrent.memory.tracker',
  state: 'tenstorrent.memory.tracker.state',
  namespace_pid: 'process.vpid',
  comm: 'process.executable.name',
  user: 'process.user.name',
  container_id: 'container.id',
  pod_uid: 'k8s.pod.uid',
  pod_name: 'k8s.pod.name',
  pod_namespace: 'k8s.namespace.name',
  container_name: 'k8s.container.name',
  slurm_job_id: 'tenstorrent.slurm.job.id',
  unit: 'tenstorrent.systemd.unit',
  workload_kind: 'tenstorrent.workload.kind',
  workload: 'tenstorrent.workload.name',
  dialect: 'tenstorrent.allocation_server.dialect',
  extension: 'tenstorrent.allocation_server.extension',
  reason: 'tenstorrent.reason',
  sensor: 'hw.sensor_location',
  clock: 'tenstorrent.clock.name',
  severity: 'tenstorrent.pcie.severity',
  noc: 'tenstorrent.noc',
  role: 'tenstorrent.pcie.role',
  operation: 'tenstorrent.pcie.operation',
  collector: 'tenstorrent.collector',
  right: 'tenstorrent.right',
};

/** What a label of a metric is called as an attribute. Throws where the tables have no name for it. */
export function attributeName(metric: OtelMetric, label: string): string {
  const name = metric.attributes?.[label] ?? LABEL_ATTRIBUTES[label];
  if (name === undefined) throw new Error(`${metric.family}: the label ${label} has no name as an attribute`);
  return name;
}
