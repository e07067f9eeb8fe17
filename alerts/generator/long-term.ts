import { formatDuration, parseDuration } from './durations.ts';
import { DEVICE, HOST, promql, withChip } from './promql.ts';
import type { Memory } from './promql.ts';
import type { Recording } from './rules.ts';
import type { Thresholds } from './thresholds.ts';

const WORKLOAD = `${HOST}, workload_kind, workload`;

/** Few series that last: by chip, for each interval (an hour). */
export function longTermChips(thresholds: Thresholds): Recording[] {
  const { hour, range, stepSeconds } = intervalOf(thresholds);
  const used = (how: 'max' | 'avg'): Recording => ({
    kind: 'record',
    record: `chip_memory:tt_used_bytes:${how}1h`,
    expr: withChip(`${how}_over_time(device_memory:tt_allocated_bytes:sum[${hour}])`),
  });
  return [
    used('max'),
    used('avg'),
    {
      kind: 'record',
      record: 'chip:tt_core_energy_joules:sum1h',
      why: "Of the ASIC's core, not of the board.",
      expr: withChip(`sum by (${DEVICE}) (sum_over_time(tt_device_power_watts${range})) * ${stepSeconds}`),
    },
  ];
}

/** Byte-hours by workload. */
export function longTermWorkloads(thresholds: Thresholds, { memory, solid }: Memory): Recording[] {
  const { range, stepsAnHour } = intervalOf(thresholds);
  return [
    {
      kind: 'record',
      record: 'workload_memory:tt_byte_hours:sum1h',
      expr: `sum by (${WORKLOAD}) (sum_over_time(tt_workload_${memory}_allocated_bytes{type=~"${solid}"}${range})) / ${stepsAnHour}`,
      labels: { memory },
    },
  ];
}

/** Chip-hours by workload. */
export function longTermChipHours(thresholds: Thresholds): Recording[] {
  const { range, stepsAnHour } = intervalOf(thresholds);
  return [
    {
      kind: 'record',
      record: 'workload:tt_chip_hours:sum1h',
      why: 'A chip counts for each workload that has DRAM on it.',
      expr: promql`
        sum by (${WORKLOAD}) (
          count_over_time((tt_workload_dram_allocated_bytes{type="dram"} > 0)${range})
        ) / ${stepsAnHour}`,
    },
  ];
}

/**
 * Integrals are sums over steps, so that an exporter that was down for half an hour gives half an hour's. Each series is
 * summed by itself first: sums over series at each step cost five times as much.
 */
function intervalOf(thresholds: Thresholds) {
  const step = thresholds.duration('evaluation.longTermStep');
  // A second less than the interval: Prometheus 2 includes both ends, which would be one step too many.
  const hour = formatDuration(parseDuration(thresholds.duration('evaluation.longTerm')) - 1);
  const stepSeconds = parseDuration(step);
  return { hour, range: `[${hour}:${step}]`, stepSeconds, stepsAnHour: 3600 / stepSeconds };
}
