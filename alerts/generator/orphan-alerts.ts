import { parseDuration } from './durations.ts';
import { DEVICE, HOST, MEMORIES, OWNER_LABELS, PROCESS, promql } from './promql.ts';
import type { Memory } from './promql.ts';
import type { Recording, Rule } from './rules.ts';
import { BYTES, DEVICE_TEXT, OWNER_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

const ORPHANED = 'process_memory:tt_orphaned_bytes:sum';
const RELEVANT = 'process_memory:tt_orphaned_bytes:relevant';
const GONE = 'process_memory:tt_gone_bytes:last';
const OWNER = 'process:tt_owner_seen:timestamp';
const CAPACITY = 'device_memory:tt_capacity_bytes:max';
const ON_MEMORY = `on (${DEVICE}, memory)`;
/** Of processes that the exporter knows by their number on the host. */
const HELD = 'tt_dram_allocated_bytes{type="dram", pid=~"[0-9]+"}';

/** Memory of processes that are gone, and who they were. */
export function orphanRules(thresholds: Thresholds): Rule[] {
  return [...MEMORIES.map(orphanedRecording), ...ownerRecordings(thresholds), ...orphaned(thresholds)];
}

function orphanedRecording({ memory, solid }: Memory): Recording {
  return {
    kind: 'record',
    record: ORPHANED,
    expr: `sum by (${PROCESS}) (tt_${memory}_orphaned_bytes{type=~"${solid}"}) > 0`,
    labels: { memory },
  };
}

/**
 * A process that ends loses its owner's labels, and its pid label becomes what it called itself. So those that end are
 * kept, and each evaluation carries on what the one before knew.
 */
function ownerRecordings(thresholds: Thresholds): Recording[] {
  const gap = thresholds.duration('memory.ownerGap');
  const known = `last_over_time(${OWNER}[${gap}])`;
  return [
    { kind: 'record', record: GONE, expr: `last_over_time(${HELD}[${gap}]) unless on (${PROCESS}) ${HELD}` },
    {
      kind: 'record',
      record: OWNER,
      why: 'When an owner of memory that is gone was seen last, under the pid that its memory has then. Carried on for a day, and as long as something of it is orphaned. An exporter that does not answer makes all of its processes look gone: they are left out again when they are back.',
      expr: promql`
        (
          ${known} > time() - ${parseDuration(thresholds.duration('memory.owner'))}
          or ${known} and on (${PROCESS}) ${ORPHANED}
          or label_replace(
            label_replace(
              label_replace(
                (0 * max by (${PROCESS}) (${GONE}) + time())
                  * on (${HOST}, pid) group_left (namespace_pid, ${OWNER_LABELS})
                    topk by (${HOST}, pid) (1, last_over_time(tt_process_info{comm!=""}[${gap}]) and on (${HOST}, pid) ${GONE}),
                "host_pid", "$1", "pid", "(.*)"
              ),
              "pid", "?$1", "pid", "(.*)"
            ),
            "pid", "?$1", "namespace_pid", "(.+)"
          )
        )
        unless on (${DEVICE}, host_pid) label_replace(${HELD}, "host_pid", "$1", "pid", "(.*)")`,
    },
  ];
}

function orphaned(thresholds: Thresholds): Rule[] {
  return [
    {
      kind: 'record',
      record: RELEVANT,
      expr: promql`
        ${ORPHANED} > ${ON_MEMORY} group_left () ${thresholds.number('orphaned.share')} * ${CAPACITY}
        or on (${PROCESS}, memory) (${ORPHANED} unless ${ON_MEMORY} ${CAPACITY})`,
    },
    {
      kind: 'alert',
      alert: 'TenstorrentMemoryOrphaned',
      why: 'The owner is the last one seen under this pid on this chip, within a day, that lives no more.',
      expr: promql`
        ${RELEVANT}
          + on (${PROCESS}) group_left (${OWNER_LABELS}) 0 * topk by (${PROCESS}) (1, ${OWNER})
        or on (${PROCESS}, memory) ${RELEVANT}`,
      for: thresholds.duration('orphaned.for'),
      severity: 'warning',
      audience: 'workload',
      summary: 'Device memory is charged to a process that is gone',
      description: `${DEVICE_TEXT} has ${BYTES} of {{ $labels.memory }} charged to pid {{ $labels.pid }}, which is gone: it is leaked until the chip's region is removed or the slot is taken over.${OWNER_TEXT}`,
    },
  ];
}
