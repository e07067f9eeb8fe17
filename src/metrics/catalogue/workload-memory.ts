import type { Family } from '../family.ts';

const WORKLOAD =
  'by workload, whatever --process.detail says: the sum over its processes, of which each counts for one workload, the first of pod, Slurm job, container and systemd unit that it has. workload_kind="none": what processes hold of which none is known, the orphaned among them. Unattributed bytes are not in it.';

/** The processes' memory by whom they work for: few series that last. */
export const WORKLOAD_FAMILIES: readonly Family[] = [
  {
    name: 'tt_workload_l1_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `L1 of the chip ${WORKLOAD}`,
    labels: ['device', 'workload_kind', 'workload', 'type'],
    group: 'processes',
    draw(snapshot, sink) {
      for (const { label, memory } of snapshot.devices) {
        for (const { kind, workload, bytes } of memory?.workloads ?? []) {
          if (bytes.l1 !== undefined) sink.sample(bytes.l1, label, kind, workload, 'l1');
          if (bytes.l1_small !== undefined) sink.sample(bytes.l1_small, label, kind, workload, 'l1_small');
          if (bytes.cb !== undefined) sink.sample(bytes.cb, label, kind, workload, 'cb');
          if (bytes.kernel !== undefined) sink.sample(bytes.kernel, label, kind, workload, 'kernel');
        }
      }
    },
  },
  {
    name: 'tt_workload_dram_allocated_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: `DRAM of the chip ${WORKLOAD}`,
    labels: ['device', 'workload_kind', 'workload', 'type'],
    group: 'processes',
    draw(snapshot, sink) {
      for (const { label, memory } of snapshot.devices) {
        for (const { kind, workload, bytes } of memory?.workloads ?? []) {
          if (bytes.dram !== undefined) sink.sample(bytes.dram, label, kind, workload, 'dram');
          if (bytes.trace !== undefined) sink.sample(bytes.trace, label, kind, workload, 'trace');
        }
      }
    },
  },
];
