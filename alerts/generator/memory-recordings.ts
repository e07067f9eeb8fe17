import { parseDuration } from './durations.ts';
import { DEVICE, HOST, MEMORIES, OWNER_LABELS, PROCESS, promql } from './promql.ts';
import type { Recording } from './rules.ts';
import type { Thresholds } from './thresholds.ts';

/** Bytes by chip and by process, with a `memory` label: what the alerts on memory are written in. */
export function memoryRecordings(thresholds: Thresholds): Recording[] {
  return [...MEMORIES.flatMap(({ memory, solid }) => ofMemory(memory, solid)), ownerRecording(thresholds)];
}

function ofMemory(memory: string, solid: string): Recording[] {
  const recording = (record: string, expr: string): Recording => ({ kind: 'record', record, expr, labels: { memory } });
  return [
    recording('device_memory:tt_capacity_bytes:max', `max by (${DEVICE}) (tt_${memory}_capacity_bytes)`),
    recording(
      'device_memory:tt_allocated_bytes:sum',
      `sum by (${DEVICE}) (tt_device_${memory}_allocated_bytes{type=~"${solid}"})`,
    ),
    recording(
      'device_memory:tt_unattributed_bytes:sum',
      `sum by (${DEVICE}) (tt_${memory}_unattributed_bytes{type=~"${solid}"})`,
    ),
    recording(
      'process_memory:tt_orphaned_bytes:sum',
      `sum by (${PROCESS}) (tt_${memory}_orphaned_bytes{type=~"${solid}"}) > 0`,
    ),
  ];
}

/**
 * A process that ends loses its owner's labels, and its pid label becomes what it called itself. So each evaluation
 * carries on what the one before knew.
 */
function ownerRecording(thresholds: Thresholds): Recording {
  const record = 'process:tt_owner_seen:timestamp';
  const known = `${record}[${thresholds.duration('memory.ownerGap')}]`;
  return {
    kind: 'record',
    record,
    why: 'When an owner of memory was last seen, under the pid that its memory has once it is gone. Carried on from evaluation to evaluation for a day, and as long as something of it is orphaned: a range over all processes of a day would cost seconds.',
    expr: promql`
      label_replace(
        label_replace(
          label_replace(
            max by (${PROCESS}) (0 * tt_dram_allocated_bytes{type="dram", pid=~"[0-9]+"} + time())
              * on (${HOST}, pid) group_left (namespace_pid, ${OWNER_LABELS})
                topk by (${HOST}, pid) (1, tt_process_info{comm!=""}),
            "host_pid", "$1", "pid", "(.*)"
          ),
          "pid", "?$1", "pid", "(.*)"
        ),
        "pid", "?$1", "namespace_pid", "(.+)"
      )
      or last_over_time(${known}) > time() - ${parseDuration(thresholds.duration('memory.owner'))}
      or last_over_time(${known}) and on (${PROCESS}) process_memory:tt_orphaned_bytes:sum`,
  };
}
