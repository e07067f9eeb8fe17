import type { Family } from '../family.ts';

const KEPT = "Kept for 15 minutes after its end, by this project's own allocation server.";

/** Processes that ended a short while ago, so that a job that dies between two scrapes is not lost. */
export const ENDED_PROCESS_FAMILIES: readonly Family[] = [
  {
    name: 'tt_ended_process_peak_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `The most that a process held at one moment before it ended, as reported or as seen each second in shared memory regions. ${KEPT} The larger one where a PID ended twice.`,
    labels: ['device', 'pid', 'type'],
    group: 'allocation_server',
    draw(snapshot, sink) {
      const peaks = new Map<string, { device: string; pid: string; type: string; bytes: number }>();
      for (const { pid, peaks: own } of snapshot.allocationServer?.endedProcesses ?? []) {
        for (const { device, type, bytes } of own) {
          const key = `${type}/${device}/${pid}`;
          if (bytes > (peaks.get(key)?.bytes ?? -1)) peaks.set(key, { device, pid, type, bytes });
        }
      }
      for (const { device, pid, type, bytes } of peaks.values()) sink.sample(bytes, device, pid, type);
    },
  },
  {
    name: 'tt_ended_process_info',
    type: 'gauge',
    unit: undefined,
    help: `Whose process it was that ended; always 1. ${KEPT} An empty value is not known.`,
    labels: ['pid', 'comm', 'container_id', 'pod_uid', 'slurm_job_id', 'unit'],
    group: 'allocation_server',
    draw(snapshot, sink) {
      const drawn = new Set<string>();
      for (const ended of snapshot.allocationServer?.endedProcesses ?? []) {
        const labels = [ended.pid, ended.comm, ended.containerId, ended.podUid, ended.slurmJobId, ended.unit];
        const key = JSON.stringify(labels);
        if (drawn.has(key)) continue;
        drawn.add(key);
        sink.wide(1, labels);
      }
    },
  },
];
