import { multiply, parseDuration } from './durations.ts';
import { DEVICE, HOST, PROCESS, promql, withChip, withOwner } from './promql.ts';
import type { Rule } from './rules.ts';
import { BYTES, DEVICE_TEXT, OWNER_TEXT } from './text.ts';
import type { Thresholds } from './thresholds.ts';

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
