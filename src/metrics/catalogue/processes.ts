import type { ProcessSnapshot } from '../../snapshot/snapshot.ts';
import type { Family } from '../family.ts';
import { perDevice } from './drawing.ts';

/** Who the processes are that hold chips or memory. */
export const PROCESS_FAMILIES: readonly Family[] = [
  {
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
  },
  {
    name: 'tt_process_alive',
    type: 'gauge',
    unit: undefined,
    help: 'Whether the process lives: 1, or 0 where it is proven gone. Absent where it cannot be known, which is not death.',
    labels: ['pid'],
    group: 'processes',
    draw(snapshot, sink) {
      for (const { pid, alive } of snapshot.processes) if (alive !== undefined) sink.sample(alive ? 1 : 0, pid);
    },
  },
  {
    name: 'tt_process_start_time_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the process started, in seconds since the Unix epoch: tells a PID that is used again from the one before.',
    labels: ['pid'],
    group: 'processes',
    draw(snapshot, sink) {
      for (const { pid, startTimeSeconds } of snapshot.processes) {
        if (startTimeSeconds !== undefined) sink.sample(startTimeSeconds, pid);
      }
    },
  },
  {
    name: 'tt_process_open_devices',
    type: 'gauge',
    unit: undefined,
    help: "Descriptors of the chip's /dev/tenstorrent node that the process has opened. One that was inherited counts for the process that opened it.",
    labels: ['device', 'pid'],
    group: 'processes',
    draw(snapshot, sink) {
      for (const { label, holders } of snapshot.devices) {
        for (const { pid, descriptors } of holders?.byPid ?? []) sink.sample(descriptors, label, pid);
      }
    },
  },
  {
    name: 'tt_device_holders',
    type: 'gauge',
    unit: undefined,
    help: "Open descriptors of the chip's /dev/tenstorrent node, of all processes, those that cannot be seen included. It is not the number of processes.",
    labels: ['device'],
    group: 'processes',
    draw: perDevice((device) => device.holders?.descriptors),
  },
  {
    name: 'tt_device_holders_invisible',
    type: 'gauge',
    unit: undefined,
    help: "Those of tt_device_holders whose processes cannot be seen from the exporter's PID namespace.",
    labels: ['device'],
    group: 'processes',
    draw: perDevice((device) => device.holders?.invisible),
  },
];

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
