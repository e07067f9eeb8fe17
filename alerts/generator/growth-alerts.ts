import { multiply, parseDuration } from './durations.ts';
import { CHIP_LABELS, DEVICE, HOST, PROCESS, promql, withOwner } from './promql.ts';
import type { Memory } from './promql.ts';
import type { Rule } from './rules.ts';
import { BYTES, CAPACITY_TEXT, DEVICE_TEXT, OWNER_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

const FLOOR = 'process_memory:tt_floor_bytes:min';
const STEP = 'process_memory:tt_growth_bytes:step';
const FAST_STEP = 'process_memory:tt_growth_bytes:faststep';
/** Of all steps, where each was recorded. */
const SUM = 'process_memory:tt_growth_bytes:steps';
const GROWTH = 'process_memory:tt_growth_bytes:per_hour';
/** Consecutive steps that all have to be there. */
const STEPS = 5;
const RECENT_STEPS = 2;

/** Processes that grow hour after hour, or chips whose tracker does not tell processes apart. */
export function growthRules(thresholds: Thresholds, { memory, solid }: Memory): Rule[] {
  const window = thresholds.duration('growing.floorWindow');
  const floor: Rule = {
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
  };
  const exhaustion = memory === 'dram' ? exhaustionPredicted(thresholds) : [];
  return [floor, ...growing(thresholds, memory), ...exhaustion];
}

/**
 * What floors grew by in a step, of those that grew enough: few series, so that what is made of several steps costs
 * little. The chip is part of the labels: where a device number moves to another chip there is nothing to compare.
 */
function stepRecording(record: string, memory: string, step: string, share: number): Rule {
  const floor = `${FLOOR}{memory="${memory}"}`;
  return {
    kind: 'record',
    record,
    expr: `${floor} - ${floor} offset ${step} > on (${DEVICE}, memory) group_left () ${share} * ${capacityOf(memory)}`,
    labels: { memory },
  };
}

function growing(thresholds: Thresholds, memory: string): Rule[] {
  const step = thresholds.duration('growing.step');
  const span = multiply(step, STEPS);
  const selected = `{memory="${memory}"}`;
  const steps = Array.from(
    { length: STEPS },
    (_, i) => `${STEP}${selected}${i === 0 ? '' : ` offset ${multiply(step, i)}`}`,
  );
  const sum = `${SUM}${selected}`;
  const each = steps.map((one) => `and ${one} > ${thresholds.number('growing.eachShare')} * ${sum}`);
  return [
    stepRecording(STEP, memory, step, thresholds.number('growing.stepShare')),
    { kind: 'record', record: SUM, expr: steps.join('\n+ '), labels: { memory } },
    {
      kind: 'record',
      record: GROWTH,
      why: 'Floors, not values: what was never given back. A sawtooth, a model that is loaded and two hours of growth before a plateau all have a step with hardly any growth. Not of a young process, nor of a chip that one holds; whose age is not known is as old as its first floor at least.',
      expr: promql`
        (
          ${sum} > on (${DEVICE}, memory) group_left () ${thresholds.number('growing.growthShare')} * ${capacityOf(memory)}
          ${each.join('\n')}
          and ${steps.slice(0, RECENT_STEPS).join(' + ')} > ${thresholds.number('growing.recentShare')} * ${sum}
        ) * ${3600 / parseDuration(span)}
        ${unlessYoung(thresholds.duration('growing.minimumAge'))}`,
      labels: { memory },
    },
    {
      kind: 'alert',
      alert: 'TenstorrentProcessMemoryGrowing',
      expr: withOwner(`${GROWTH}${selected}`),
      for: thresholds.duration('growing.for'),
      keepFiringFor: thresholds.duration('growing.keepFiringFor'),
      severity: 'warning',
      audience: 'workload',
      labels: { memory },
      summary: 'A process holds more and more device memory',
      description: `${DEVICE_TEXT}: {{ if $labels.pid }}pid {{ $labels.pid }}{{ else }}a process that its tracker does not name{{ end }} never gave back ${BYTES} of {{ $labels.memory }} an hour, in each ${step} of the last ${span}.${OWNER_TEXT}`,
    },
  ];
}

function capacityOf(memory: string): string {
  return `device_memory:tt_capacity_bytes:max{memory="${memory}"}`;
}

/** Leaves out young processes, and chips without process numbers that a young process holds. */
function unlessYoung(age: string): string {
  const young = `tt_process_start_time_seconds > time() - ${parseDuration(age)}`;
  return promql`
    unless on (${HOST}, pid) ${young}
    unless on (${PROCESS}) max by (${DEVICE}) (tt_process_open_devices and on (${HOST}, pid) ${young})`;
}

function exhaustionPredicted(thresholds: Thresholds): Rule[] {
  const record = 'process_memory:tt_exhaustion_seconds:predicted';
  const step = thresholds.duration('exhaustionPredicted.step');
  const allocated = 'device_memory:tt_allocated_bytes:sum{memory="dram"}';
  const onMemory = `on (${DEVICE}, memory)`;
  return [
    stepRecording(FAST_STEP, 'dram', step, thresholds.number('exhaustionPredicted.stepShare')),
    {
      kind: 'record',
      record,
      why: 'The slope alone fires on a model that is loaded: floors of processes that were there before have to grow, as fast in the last step as in the one before it, on a chip that is half full.',
      expr: promql`
        (
          (${capacityOf('dram')} - ${onMemory} ${allocated}) / ${onMemory} group_right () (${FAST_STEP} / ${parseDuration(step)})
            < ${parseDuration(thresholds.duration('exhaustionPredicted.horizon'))}
          and ${FAST_STEP} > ${thresholds.number('exhaustionPredicted.steadyShare')} * ${FAST_STEP} offset ${step}
          and ${FAST_STEP} offset ${step} > ${thresholds.number('exhaustionPredicted.leapShare')} * ${FAST_STEP}
          and ${onMemory} ${allocated} > ${onMemory} ${thresholds.number('exhaustionPredicted.usedShare')} * ${capacityOf('dram')}
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
