import type { DeviceSnapshot, Snapshot } from '../snapshot/snapshot.ts';

/**
 * Takes the samples of one family, with label values in the order of the family's `labels`. Values are finite; label
 * values are any string (the encoder escapes and repairs them). A family of up to four labels calls `sample`, a wider
 * one `wide`: a call with fixed parameters allocates nothing. A sink reads the array before it returns and does not keep it.
 */
export interface SampleSink {
  sample(value: number, a?: string, b?: string, c?: string, d?: string): void;
  wide(value: number, labelValues: readonly string[]): void;
}

export type MetricType = 'gauge' | 'counter';

/** Sections of the metrics reference. */
export type FamilyGroup = 'memory' | 'allocation_server' | 'processes' | 'telemetry' | 'exporter';

/** One metric family of the contract: how it is named and explained, and how its samples are drawn from a snapshot. */
export interface Family {
  /** As in the text format: a counter's name ends in `_total`. */
  readonly name: string;
  readonly type: MetricType;
  /** The unit that the name ends in (before `_total`), in OpenMetrics' spelling; undefined where it has none. */
  readonly unit: string | undefined;
  /** One line; says what the number leaves out. */
  readonly help: string;
  readonly labels: readonly string[];
  readonly group: FamilyGroup;
  /** Pure: draws what is known and skips what is not. */
  draw(snapshot: Snapshot, sink: SampleSink): void;
  /** Set where `draw` is this for each of the snapshot's devices, and worth not being done again. */
  readonly byDevice?: DevicePart;
}

/** A device's samples of a family whose first label is `device`. */
export interface DevicePart {
  /** All that they are made of beside the device's label; undefined where there are none. Nobody changes it. */
  source(device: DeviceSnapshot): object | undefined;
  draw(device: DeviceSnapshot, sink: SampleSink): void;
}
