import { DEVICE, MEMORIES } from './promql.ts';
import type { Memory } from './promql.ts';
import type { Recording } from './rules.ts';

/** Bytes by chip, with a `memory` label: what the alerts on memory are written in. */
export function memoryRecordings(): Recording[] {
  return MEMORIES.flatMap(ofMemory);
}

function ofMemory({ memory, solid }: Memory): Recording[] {
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
  ];
}
