import { multiply, parseDuration } from './durations.ts';
import { CHIP_LABELS, DEVICE, HOST, MEMORIES, PROCESS, promql, withChip, withOwner } from './promql.ts';
import type { Rule } from './rules.ts';
import { BYTES, DEVICE_TEXT, OWNER_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

const FLOOR = 'process_memory:tt_floor_bytes:min';
const GROWTH = 'process_memory:tt_growth_bytes:per_hour';
const CAPACITY = 'device_memory:tt_capacity_bytes:max';
/** Floors that are compared with the one before, over consecutive steps. */
const STEPS = 5;

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
  return [...floors, growthRecording(thresholds), growing(thresholds)];
}

/** The chip is part of the floors' labels: where a device number moves to another chip there is nothing to compare. */
function growthRecording(thresholds: Thresholds): Rule {
  const step = thresholds.duration('growing.step');
  const span = multiply(step, STEPS);
  const beyond = (path: string) => `on (${DEVICE}, memory) group_left () ${thresholds.number(path)} * ${CAPACITY}`;
  const at = (steps: number) => (steps === 0 ? FLOOR : `${FLOOR} offset ${multiply(step, steps)}`);
  const steps = Array.from({ length: STEPS }, (_, i) => `and ${at(i)} - ${at(i + 1)} > ${beyond('growing.stepShare')}`);
  const young = `time() - tt_process_start_time_seconds < ${parseDuration(thresholds.duration('growing.minimumAge'))}`;
  return {
    kind: 'record',
    record: GROWTH,
    why: 'Floors, not values: what was never given back. A sawtooth, a model that is loaded and two hours of growth before a plateau all have a step without growth. Not of a young process, nor of a chip that one holds; whose age is not known is as old as its first floor at least.',
    expr: promql`
      (
        ${FLOOR} - ${at(STEPS)} > ${beyond('growing.growthShare')}
        ${steps.join('\n')}
      ) * ${3600 / parseDuration(span)}
      unless on (${HOST}, pid) ${young}
      unless on (${PROCESS})
        max by (${DEVICE}) (tt_process_open_devices and on (${HOST}, pid) ${young})`,
  };
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
    description: `${DEVICE_TEXT}: {{ if $labels.pid }}pid {{ $labels.pid }}{{ else }}some process{{ end }} never gave back ${BYTES} of {{ $labels.memory }} an hour, in each ${step} of the last ${multiply(step, STEPS)}.${OWNER_TEXT}`,
  };
}

/** Chips whose clock was idle for a day, and who holds their memory all the same. */
export function heldIdleRules(thresholds: Thresholds): Rule[] {
  const clock = 'chip:tt_ai_clock_hertz:max';
  const held = 'process_memory:tt_held_idle_bytes:sum';
  const window = thresholds.duration('heldIdle.window');
  const idle = (arch: string) =>
    `max_over_time(${clock}[${window}]) <= ${thresholds.number(`heldIdle.${arch}IdleHertz`)} and on (${DEVICE}) tt_device_info{arch="${arch}"}`;
  return [
    {
      kind: 'record',
      record: clock,
      expr: withChip(
        `max by (${DEVICE}) (max_over_time(tt_device_clock_hertz{clock="ai"}[${multiply(thresholds.duration('evaluation.history'), 2)}]))`,
      ),
    },
    {
      kind: 'record',
      record: held,
      why: 'The clock, not the allocations: replaying a trace allocates nothing at full load. A chip that was not seen for all of the time is not known to have been idle.',
      expr: promql`
        sum by (${PROCESS}) (tt_dram_allocated_bytes{pid!="other"})
          > on (${DEVICE}) group_left () ${thresholds.number('heldIdle.usedShare')} * tt_dram_capacity_bytes
        and on (${DEVICE}) (
          (
            ${idle('wormhole')}
            or ${idle('blackhole')}
          ) and ${clock} and ${clock} offset ${window}
        )
        and on (${HOST}, pid)
          time() - tt_process_start_time_seconds > ${parseDuration(thresholds.duration('heldIdle.minimumAge'))}`,
      labels: { memory: 'dram' },
    },
    {
      kind: 'alert',
      alert: 'TenstorrentMemoryHeldIdle',
      expr: withOwner(held),
      for: thresholds.duration('heldIdle.for'),
      severity: 'warning',
      audience: 'workload',
      summary: 'A process holds much memory of a chip that has done nothing for long',
      description: `${DEVICE_TEXT}: pid {{ $labels.pid }} holds ${BYTES} of DRAM, and the chip's clock was idle for ${window}.${OWNER_TEXT}`,
    },
  ];
}
