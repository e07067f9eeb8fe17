import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint } from '@opentelemetry/sdk-metrics';
import type { FamilySamples } from '../samples/sample-table.ts';
import type { OtelMetric } from './otel-metric.ts';
import { attributeName } from './otel-names.ts';
import { hardwareAttributes, processAttributes } from './subjects.ts';
import type { Subjects } from './subjects.ts';

/** What all points of one metric share. */
export interface PointContext {
  readonly texts: readonly string[];
  readonly subjects: Subjects;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** Puts the attributes that one label makes on a point. */
type LabelWriter = (attributes: Attributes, text: string) => void;

/** The labels that are numbers in OpenTelemetry. */
const NUMBERS = new Set(['namespace_pid', 'cores', 'driver_index', 'logical_id', 'location']);
/** PIDs of processes that ended: one may be another process's by now. */
const ENDED = 'tt_ended_process_';

/** The points of one metric. `labels`: the family's, in its order. */
export function pointsOf(
  metric: OtelMetric,
  labels: readonly string[],
  samples: FamilySamples,
  context: PointContext,
): DataPoint<number>[] {
  const writers = labels.map((label) => labelWriter(metric, label, context.subjects));
  const { startTime, endTime, texts } = context;
  const { values, textIds } = samples;
  const whole = metric.valueType === 'int';
  const points: DataPoint<number>[] = [];
  let place = 0;
  for (const sample of values) {
    const attributes: Attributes = { ...metric.fixed };
    for (const write of writers) write(attributes, texts[textIds[place++] ?? 0] ?? '');
    const value = whole ? Math.round(sample) : sample;
    points.push({ startTime, endTime, attributes, value });
  }
  return points;
}

/** A chip's state in the few words of `hw.state`. */
const HARDWARE_STATES: Readonly<Record<string, string>> = {
  ok: 'ok',
  resetting: 'degraded',
  firmware_down: 'failed',
  unreachable: 'failed',
  no_driver: 'failed',
};

/** The points of `hw.status`: of a family with the labels `device`, `state`, where one of the states is 1. */
export function statusPoints(samples: FamilySamples, context: PointContext): DataPoint<number>[] {
  const { startTime, endTime, texts, subjects } = context;
  const points: DataPoint<number>[] = [];
  for (const [at, holds] of samples.values.entries()) {
    if (holds !== 1) continue;
    const device = texts[samples.textIds[at * 2] ?? 0] ?? '';
    const current = HARDWARE_STATES[texts[samples.textIds[at * 2 + 1] ?? 0] ?? ''];
    for (const state of ['ok', 'degraded', 'failed']) {
      const attributes = { ...hardwareAttributes('gpu', device, subjects.chips), 'hw.state': state };
      points.push({ startTime, endTime, attributes, value: state === current ? 1 : 0 });
    }
  }
  return points;
}

function labelWriter(metric: OtelMetric, label: string, subjects: Subjects): LabelWriter {
  const { component } = metric;
  if (label === 'device' && component !== undefined) {
    return remembered((device) => hardwareAttributes(component, device, subjects.chips));
  }
  if (label === 'pid') {
    const known = metric.family.startsWith(ENDED) ? undefined : subjects.processes;
    return remembered((pid) => known?.get(pid) ?? processAttributes(pid));
  }
  const name = attributeName(metric, label);
  return (attributes, text) => {
    // An empty label is a label that is not there.
    if (text !== '') attributes[name] = NUMBERS.has(label) && /^\d+$/.test(text) ? Number(text) : text;
  };
}

/** Makes the attributes of each text once. */
function remembered(make: (text: string) => Attributes): LabelWriter {
  const made = new Map<string, Attributes>();
  return (attributes, text) => {
    let own = made.get(text);
    if (own === undefined) {
      own = make(text);
      made.set(text, own);
    }
    Object.assign(attributes, own);
  };
}
