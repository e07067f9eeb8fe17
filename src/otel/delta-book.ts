import type { HrTime } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, MetricData, ResourceMetrics, SumMetricData } from '@opentelemetry/sdk-metrics';

/** A counter, and what its receiver has of it. */
interface Kept {
  /** Since when it counts, as it says itself. */
  start: HrTime;
  /** The value that the receiver has; below 0 where the counter began anew before everything was taken. */
  takenValue: number;
  /** Up to when the receiver has it. */
  takenAt: HrTime;
  lastValue: number;
  lastAt: HrTime;
}

/**
 * So long a counter that is not seen is kept: a chip in a reset, or a server that did not answer, comes back with all
 * that it ever counted, which the receiver has already. Chips and the allocation server have counters, processes have
 * none, so that these are few.
 */
const KEPT_MS = 3_600_000;

/**
 * Turns what was counted since a counter began into what was counted since the receiver's last point, for one receiver.
 * Only `taken` moves a counter on: what a receiver did not take is in the next point. What was counted before this
 * program began is no change that it saw, and is left out.
 */
export class DeltaBook {
  readonly #kept = new Map<string, Kept>();
  readonly #begunMs: number;
  /** By the start of whatever counts: when counters of it were last seen. */
  readonly #lives = new Map<number, HrTime>();
  #sent = new WeakMap<object, Kept>();

  /** `begunMs`: milliseconds since the epoch; the start of the process by default. */
  constructor(begunMs: number = performance.timeOrigin) {
    this.#begunMs = begunMs;
  }

  /** One collection with deltas in place of what was counted; what is no counter stays as it is. */
  deltas(metrics: readonly MetricData[]): MetricData[] {
    this.#sent = new WeakMap();
    const made = metrics.map((metric) => {
      if (!isCounter(metric)) return metric;
      const dataPoints = metric.dataPoints.flatMap((point) => this.#delta(keyOf(metric, point), point));
      return { ...metric, aggregationTemporality: AggregationTemporality.DELTA, dataPoints };
    });
    // Only now: what is new in this collection was not there in the one before.
    const counted = metrics.filter(isCounter).flatMap(({ dataPoints }) => dataPoints);
    for (const { startTime, endTime } of counted) this.#lives.set(hrTimeToMilliseconds(startTime), endTime);
    const [one] = counted;
    if (one !== undefined) this.#forget(hrTimeToMilliseconds(one.endTime) - KEPT_MS);
    return made;
  }

  /** The receiver has these: they were made by the last call of `deltas`. */
  taken({ scopeMetrics }: ResourceMetrics): void {
    for (const { metrics } of scopeMetrics) {
      for (const point of metrics.flatMap(({ dataPoints }): readonly object[] => dataPoints)) {
        const kept = this.#sent.get(point);
        if (kept === undefined) continue;
        kept.takenValue = kept.lastValue;
        kept.takenAt = kept.lastAt;
      }
    }
  }

  #delta(key: string, point: DataPoint<number>): DataPoint<number>[] {
    const kept = this.#kept.get(key) ?? this.#first(point);
    this.#kept.set(key, kept);
    const { startTime: start, endTime, value } = point;
    if (isLater(start, kept.start) || value < kept.lastValue) beginAnew(kept, start);
    kept.lastValue = value;
    kept.lastAt = endTime;
    if (!isLater(endTime, kept.takenAt)) {
      // Nothing is new, or the clock was set back: the next point begins here.
      kept.takenAt = endTime;
      return [];
    }
    const delta = { ...point, startTime: kept.takenAt, value: value - kept.takenValue };
    this.#sent.set(delta, kept);
    return [delta];
  }

  /** Where a counter's first point begins. */
  #first({ startTime: start, endTime, value }: DataPoint<number>): Kept {
    const startMs = hrTimeToMilliseconds(start);
    // What counts was there before, and this was not: it was at 0.
    const lifeSeen = startMs === 0 ? undefined : this.#lives.get(startMs);
    const from = startMs >= this.#begunMs ? start : lifeSeen;
    const none = from === undefined ? { takenValue: value, takenAt: endTime } : { takenValue: 0, takenAt: from };
    return { ...none, start, lastValue: none.takenValue, lastAt: endTime };
  }

  /** What was last seen before a time, in milliseconds since the epoch. */
  #forget(beforeMs: number): void {
    const isOld = (at: HrTime): boolean => hrTimeToMilliseconds(at) < beforeMs;
    for (const [key, { lastAt }] of this.#kept) if (isOld(lastAt)) this.#kept.delete(key);
    for (const [start, seenAt] of this.#lives) if (isOld(seenAt)) this.#lives.delete(start);
  }
}

/** What describes a chip and may change, or be unreadable for a while, under the same counter. */
const DESCRIPTIONS = new Set(['hw.model', 'hw.serial_number', 'hw.firmware_version', 'hw.driver_version']);

function keyOf({ descriptor }: MetricData, { attributes }: DataPoint<number>): string {
  const own = Object.entries(attributes).filter(([name]) => !DESCRIPTIONS.has(name));
  return JSON.stringify([descriptor.name, ...own]);
}

/** What was not taken of the counter's last life is still owed. */
function beginAnew(kept: Kept, start: HrTime): void {
  const owed = kept.lastValue - kept.takenValue;
  if (owed === 0 && isLater(start, kept.takenAt)) kept.takenAt = start;
  kept.start = start;
  kept.takenValue = -owed;
}

function isCounter(metric: MetricData): metric is SumMetricData {
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
}

function isLater(one: HrTime, other: HrTime): boolean {
  return one[0] === other[0] ? one[1] > other[1] : one[0] > other[0];
}
