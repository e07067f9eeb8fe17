import { multiply, parseDuration } from './durations.ts';
import { CHIP_LABELS, DEVICE, HOST, MEMORIES, PROCESS, promql, withOwner } from './promql.ts';
import type { Rule } from './rules.ts';
import { BYTES, CAPACITY_TEXT, DEVICE_TEXT, OWNER_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

const FLOOR = 'process_memory:tt_floor_bytes:min';
const GROWTH = 'process_memory:tt_growth_bytes:per_hour';
const CAPACITY = 'device_memory:tt_capacity_bytes:max';
const ALLOCATED = 'device_memory:tt_allocated_bytes:sum';
/** Floors that are compared with the one before, over consecutive steps. */
const STEPS = 5;
const RECENT_STEPS = 2;

/** Processes that grow hour after hour, or chips whose tracker does not tell processes apart. */
export function growthRules(thresholds: Thresholds): Rule[] {
  const window = thresholds.duration('growing.floorWindow');
  const floors = MEMORIES.map(({ memory, solid }): Rule => ({
    kind: 'record',
    record: FLOOR,
    why: 'By process; where the tracker gives totals only, of the chip.',
    expr: promql`
        (
          sum by (${PROCESS}) (min_over_time(tt_${memory}_allocated_bytes{pid!="other", type=~"${solid}"}[${window}]))
          or
          sum by (${DEVICE}) (
            min_over_time(tt_device_${memory}_allocated_bytes{type=~"${solid}"}[${window}])
            unless on (${DEVICE}) tt_${memory}_unattributed_bytes
          )
        )
        * on (${DEVICE}) group_left (${CHIP_LABELS}) tt_device_info`,
    labels: { memory },
  }));
  return [...floors, growthRecording(thresholds), growing(thresholds), ...exhaustionPredicted(thresholds)];
}

/** The chip is part of the floors' labels: where a device number moves to another chip there is nothing to compare. */
function growthRecording(thresholds: Thresholds): Rule {
  const step = thresholds.duration('growing.step');
  const span = multiply(step, STEPS);
  const beyond = (path: string) => `on (${DEVICE}, memory) group_left () ${thresholds.number(path)} * ${CAPACITY}`;
  const at = (steps: number) => (steps === 0 ? FLOOR : `${FLOOR} offset ${multiply(step, steps)}`);
  const steps = Array.from({ length: STEPS }, (_, i) => `and ${at(i)} - ${at(i + 1)} > ${beyond('growing.stepShare')}`);
  return {
    kind: 'record',
    record: GROWTH,
    why: 'Floors, not values: what was never given back. A sawtooth, a model that is loaded and two hours of growth before a plateau all have a step without growth. Not of a young process, nor of a chip that one holds; whose age is not known is as old as its first floor at least.',
    expr: promql`
      (
        ${FLOOR} - ${at(STEPS)} > ${beyond('growing.growthShare')}
        ${steps.join('\n')}
        and ${FLOOR} - ${at(RECENT_STEPS)} > ${thresholds.number('growing.recentShare')} * (${FLOOR} - ${at(STEPS)})
      ) * ${3600 / parseDuration(span)}
      ${unlessYoung(thresholds.duration('growing.minimumAge'))}`,
  };
}

/** Leaves out young processes, and chips without process numbers that a young process holds. */
function unlessYoung(age: string): string {
  const young = `time() - tt_process_start_time_seconds < ${parseDuration(age)}`;
  return promql`
    unless on (${HOST}, pid) ${young}
    unless on (${PROCESS}) max by (${DEVICE}) (tt_process_open_devices and on (${HOST}, pid) ${young})`;
}

function growing(thresholds: Thresholds): Rule {
  const step = thresholds.duration('growing.step');
  return {
    kind: 'alert',
    alert: 'TenstorrentProcessMemoryGrowing',
    expr: withOwner(GROWTH),
    for: thresholds.duration('growing.for'),
    keepFiringFor: thresholds.duration('growing.keepFiringFor'),
    severity: 'warning',
    audience: 'workload',
    summary: 'A process holds more and more device memory',
    description: `${DEVICE_TEXT}: {{ if $labels.pid }}pid {{ $labels.pid }}{{ else }}a process that its tracker does not name{{ end }} never gave back ${BYTES} of {{ $labels.memory }} an hour, in each ${step} of the last ${multiply(step, STEPS)}.${OWNER_TEXT}`,
  };
}

function exhaustionPredicted(thresholds: Thresholds): Rule[] {
  const record = 'process_memory:tt_exhaustion_seconds:predicted';
  const step = thresholds.duration('exhaustionPredicted.step');
  const floor = `${FLOOR}{memory="dram"}`;
  const last = `${floor} - ${floor} offset ${step}`;
  const before = `${floor} offset ${step} - ${floor} offset ${multiply(step, 2)}`;
  const onMemory = `on (${DEVICE}, memory)`;
  const stepLimit = `${onMemory} group_left () ${thresholds.number('exhaustionPredicted.stepShare')} * ${CAPACITY}`;
  return [
    {
      kind: 'record',
      record,
      why: 'The slope alone fires on a model that is loaded: floors of processes that were there before have to grow, steadily, on a chip that is half full.',
      expr: promql`
        (
          (${CAPACITY} - ${onMemory} ${ALLOCATED}) / ${onMemory} group_right () ((${last}) / ${parseDuration(step)})
            < ${parseDuration(thresholds.duration('exhaustionPredicted.horizon'))}
          and ${last} > ${stepLimit}
          and ${before} > ${stepLimit}
          and ${last} > ${thresholds.number('exhaustionPredicted.steadyShare')} * (${before})
          and ${onMemory} ${ALLOCATED} > ${onMemory} ${thresholds.number('exhaustionPredicted.usedShare')} * ${CAPACITY}
        )
        ${unlessYoung(thresholds.duration('exhaustionPredicted.minimumAge'))}`,
    },
    {
      kind: 'alert',
      alert: 'TenstorrentMemoryExhaustionPredicted',
      expr: withOwner(record),
      for: thresholds.duration('exhaustionPredicted.for'),
      keepFiringFor: thresholds.duration('exhaustionPredicted.keepFiringFor'),
      severity: 'warning',
      audience: 'workload',
      summary: 'A chip runs out of DRAM within hours',
      description: `${DEVICE_TEXT} is out of DRAM in about {{ $value | humanizeDuration }} if {{ if $labels.pid }}pid {{ $labels.pid }}{{ else }}a process that its tracker does not name{{ end }} grows on as in the last ${step}; it has ${CAPACITY_TEXT}.${OWNER_TEXT}`,
    },
  ];
}
