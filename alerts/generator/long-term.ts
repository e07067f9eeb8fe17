import { formatDuration, parseDuration } from './durations.ts';
import { DEVICE, HOST, MEMORIES, promql, withChip } from './promql.ts';
import type { Recording } from './rules.ts';
import type { Thresholds } from './thresholds.ts';

const WORKLOAD = `${HOST}, workload_kind, workload`;

/**
 * Few series that last: by chip and by workload, for each interval (an hour). Integrals are sums over steps, so that an
 * exporter that was down for half an hour gives half an hour's.
 */
export function longTermRecordings(thresholds: Thresholds): Recording[] {
  const step = thresholds.duration('evaluation.longTermStep');
  const interval = thresholds.duration('evaluation.longTerm');
  // A second less than the interval: Prometheus 2 includes both ends, which would be one step too many.
  const hour = formatDuration(parseDuration(interval) - 1);
  const range = `[${hour}:${step}]`;
  const stepsAnHour = 3600 / parseDuration(step);
  const chip = (how: 'max' | 'avg'): Recording => ({
    kind: 'record',
    record: `chip_memory:tt_used_bytes:${how}1h`,
    expr: withChip(`${how}_over_time(device_memory:tt_allocated_bytes:sum[${hour}])`),
  });
  return [
    chip('max'),
    chip('avg'),
    ...MEMORIES.map(({ memory, solid }): Recording => ({
      kind: 'record',
      record: 'workload_memory:tt_byte_hours:sum1h',
      expr: promql`
          sum_over_time(
            sum by (${WORKLOAD}) (tt_workload_${memory}_allocated_bytes{type=~"${solid}"})${range}
          ) / ${stepsAnHour}`,
      labels: { memory },
    })),
    {
      kind: 'record',
      record: 'workload:tt_chip_hours:sum1h',
      why: 'A chip counts for each workload that has DRAM on it.',
      expr: promql`
        sum_over_time(
          count by (${WORKLOAD}) (sum by (${WORKLOAD}, device) (tt_workload_dram_allocated_bytes) > 0)${range}
        ) / ${stepsAnHour}`,
    },
    {
      kind: 'record',
      record: 'chip:tt_core_energy_joules:sum1h',
      why: "Of the ASIC's core, not of the board.",
      expr: withChip(`sum_over_time(sum by (${DEVICE}) (tt_device_power_watts)${range}) * ${parseDuration(step)}`),
    },
  ];
}
