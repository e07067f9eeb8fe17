import type { ProcessSnapshot } from '../../snapshot/snapshot.ts';
import type { Family } from '../family.ts';

/** Who the processes are. */
export const PROCESS_INFO: Family = {
  name: 'tt_process_info',
  type: 'gauge',
  unit: undefined,
  help: 'Whose process a pid is, one series for each that occurs, "other" included; always 1. From /proc: no command line, no environment; an empty value is not known or does not apply.',
  labels: [
    'pid',
    'namespace_pid',
    'comm',
    'unit',
    'container_id',
    'pod_uid',
    'pod_name',
    'pod_namespace',
    'container_name',
    'slurm_job_id',
  ],
  group: 'processes',
  draw(snapshot, sink) {
    const labels: string[] = [];
    for (const process of snapshot.processes) {
      fillInfo(labels, process);
      sink.wide(1, labels);
    }
  },
};

/** The same where users are shown. */
export const PROCESS_INFO_WITH_USER: Family = {
  ...PROCESS_INFO,
  labels: [...PROCESS_INFO.labels, 'user'],
  draw(snapshot, sink) {
    const labels: string[] = [];
    for (const process of snapshot.processes) {
      fillInfo(labels, process);
      labels[10] = process.user;
      sink.wide(1, labels);
    }
  },
};

/** One array for all rows: a sink reads it before it returns. */
function fillInfo(labels: string[], process: ProcessSnapshot): void {
  labels[0] = process.pid;
  labels[1] = process.namespacePid;
  labels[2] = process.comm;
  labels[3] = process.unit;
  labels[4] = process.containerId;
  labels[5] = process.podUid;
  labels[6] = process.podName;
  labels[7] = process.podNamespace;
  labels[8] = process.containerName;
  labels[9] = process.slurmJobId;
}
