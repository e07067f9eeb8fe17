import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ValueType } from '@opentelemetry/api';
import type { Attributes, HrTime } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { MetricData, SumMetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { DeltaBook } from '../../src/otel/delta-book.ts';
import { OTEL_METRICS } from '../../src/otel/otel-names.ts';
import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';

/** Times are seconds: the program began at 1000. */
const BEGAN = 1000;
const UNKNOWN = 0;

interface Counted {
  readonly value: number;
  /** Since when it counts. */
  readonly since: number;
  readonly now: number;
  readonly attributes?: Attributes;
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

const at = (seconds: number): HrTime => [seconds, 0];

function sum(counted: readonly Counted[], isMonotonic = true): SumMetricData {
  return {
    descriptor: { name: 'tenstorrent.allocations', description: '', unit: '1', valueType: ValueType.INT },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.SUM,
    isMonotonic,
    dataPoints: counted.map(({ value, since, now, attributes = {} }) => ({
      startTime: at(since),
      endTime: at(now),
      attributes,
      value,
    })),
  };
}

/** What is pushed for a collection; `taken` says whether the receiver takes it. */
function push(book: DeltaBook, counted: readonly Counted[], taken = true): Change[] {
  const metrics = book.deltas([sum(counted)]);
  const scopeMetrics = [{ scope: { name: 'test' }, metrics: copied(metrics) }];
  if (taken) book.taken({ resource: emptyResource(), scopeMetrics });
  const [made] = metrics as SumMetricData[];
  assert.equal(made?.aggregationTemporality, AggregationTemporality.DELTA);
  return made.dataPoints.map(({ startTime, endTime, value }) => ({ from: startTime[0], to: endTime[0], value }));
}

/** As the SDK does that splits what is too much for one request: other metrics, the same points. */
function copied(metrics: readonly MetricData[]): MetricData[] {
  return metrics.map((metric) => ({ ...metric, dataPoints: [...metric.dataPoints] }) as MetricData);
}

const newBook = (): DeltaBook => new DeltaBook(BEGAN * 1000);

describe('deltas of a counter', () => {
  it('that began with the program are all of it, and then what came since the point before', () => {
    const book = newBook();
    assert.deepEqual(push(book, [{ value: 5, since: 1001, now: 1010 }]), [{ from: 1001, to: 1010, value: 5 }]);
    assert.deepEqual(push(book, [{ value: 7, since: 1001, now: 1020 }]), [{ from: 1010, to: 1020, value: 2 }]);
    assert.deepEqual(push(book, [{ value: 7, since: 1001, now: 1030 }]), [{ from: 1020, to: 1030, value: 0 }]);
  });

  for (const [since, when] of [
    [500, 'before the program'],
    [UNKNOWN, 'nobody knows when'],
  ] as const) {
    it(`that began ${when} leave out what it was at first`, () => {
      const book = newBook();
      assert.deepEqual(push(book, [{ value: 5, since, now: 1010 }]), []);
      assert.deepEqual(push(book, [{ value: 7, since, now: 1020 }]), [{ from: 1010, to: 1020, value: 2 }]);
    });
  }

  it('have what was not taken in the next point', () => {
    const book = newBook();
    push(book, [{ value: 5, since: 1001, now: 1010 }]);
    assert.deepEqual(push(book, [{ value: 7, since: 1001, now: 1020 }], false), [{ from: 1010, to: 1020, value: 2 }]);
    assert.deepEqual(push(book, [{ value: 10, since: 1001, now: 1030 }]), [{ from: 1010, to: 1030, value: 5 }]);
  });

  it('begin anew with it: at its new start, or where it only is lower', () => {
    const book = newBook();
    push(book, [{ value: 5, since: 1001, now: 1010 }]);
    assert.deepEqual(push(book, [{ value: 9, since: 1015, now: 1020 }]), [{ from: 1015, to: 1020, value: 9 }]);
    assert.deepEqual(push(book, [{ value: 2, since: 1015, now: 1030 }]), [{ from: 1020, to: 1030, value: 2 }]);
  });

  it('that began anew owe what was not taken before', () => {
    const book = newBook();
    push(book, [{ value: 5, since: 1001, now: 1010 }]);
    push(book, [{ value: 7, since: 1001, now: 1020 }], false);
    assert.deepEqual(push(book, [{ value: 1, since: 1025, now: 1030 }]), [{ from: 1010, to: 1030, value: 3 }]);
    assert.deepEqual(push(book, [{ value: 4, since: 1025, now: 1040 }]), [{ from: 1030, to: 1040, value: 3 }]);
  });

  it('that is new beside others of the same server are all of it', () => {
    const book = newBook();
    const known = { value: 5, since: 500, attributes: { type: 'l1' } };
    push(book, [{ ...known, now: 1010 }]);
    const failures = { value: 1, since: 500, now: 1020, attributes: { type: 'dram' } };
    const unknown = { value: 8, since: 400, now: 1020, attributes: { type: 'cb' } };
    assert.deepEqual(push(book, [{ ...known, now: 1020 }, failures, unknown]), [
      { from: 1010, to: 1020, value: 0 },
      { from: 1010, to: 1020, value: 1 },
    ]);
  });

  it('that was away for a while go on where they were', () => {
    const book = newBook();
    push(book, [{ value: 5, since: 500, now: 1010 }]);
    push(book, []);
    assert.deepEqual(push(book, [{ value: 6, since: 500, now: 1030 }]), [{ from: 1010, to: 1030, value: 1 }]);
  });

  it('that was away for more than an hour are forgotten', () => {
    const book = newBook();
    const other = { value: 1, since: 600, attributes: { type: 'l1' } };
    push(book, [{ value: 5, since: 500, now: 1010 }]);
    push(book, [{ ...other, now: 4700 }]);
    assert.deepEqual(push(book, [{ value: 6, since: 500, now: 4710 }]), []);
  });

  it('go on when only the description of the chip changes', () => {
    const book = newBook();
    push(book, [{ value: 5, since: 500, now: 1010, attributes: { 'hw.id': '0', 'hw.firmware_version': '1' } }]);
    const changed = push(book, [{ value: 6, since: 500, now: 1020, attributes: { 'hw.id': '0' } }]);
    assert.deepEqual(changed, [{ from: 1010, to: 1020, value: 1 }]);
  });

  it('skip a point where the clock did not go on or was set back, and lose nothing', () => {
    const book = newBook();
    push(book, [{ value: 5, since: 500, now: 1010 }]);
    assert.deepEqual(push(book, [{ value: 6, since: 500, now: 1010 }]), []);
    assert.deepEqual(push(book, [{ value: 8, since: 500, now: 900 }]), []);
    assert.deepEqual(push(book, [{ value: 9, since: 500, now: 910 }]), [{ from: 900, to: 910, value: 4 }]);
  });

  it('are of counters only', () => {
    const one = { value: 5, since: 500, now: 1010 };
    const gauge: MetricData = { ...sum([one]), dataPointType: DataPointType.GAUGE };
    const metrics = [gauge, sum([one], false)];
    assert.deepEqual(newBook().deltas(metrics), metrics);
  });
});

/** A collection: what is added to the counter, whether it begins anew first, is there at all, and is taken. */
const STEPS = fc.array(fc.record({ added: fc.nat(9), anew: fc.boolean(), seen: fc.boolean(), taken: fc.boolean() }), {
  maxLength: 40,
});

describe('all deltas that are taken', () => {
  it('are what was counted, in times that follow each other, whatever fails in between', () => {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const book = newBook();
        let now = BEGAN;
        let counter = { value: 0, since: BEGAN };
        let counted = 0;
        const taken: Change[] = [];
        for (const step of [...steps, { added: 0, anew: false, seen: true, taken: true }]) {
          now += 10;
          // What nobody saw before it began anew is lost to everybody.
          if (step.anew && step.seen) counter = { value: 0, since: now - 5 };
          if (step.seen) {
            counter.value += step.added;
            counted += step.added;
          }
          const pushed = push(book, step.seen ? [{ ...counter, now }] : [], step.taken);
          if (step.taken) taken.push(...pushed);
        }
        assert.equal(
          taken.reduce((total, { value }) => total + value, 0),
          counted,
        );
        let end = BEGAN;
        for (const { from, to, value } of taken) {
          assert.ok(from >= end && to > from && value >= 0, JSON.stringify(taken));
          end = to;
        }
      }),
    );
  });
});

it('no counter is of a process: what is remembered of them stays small', () => {
  const counters = OTEL_METRICS.filter(({ kind }) => kind === 'counter').map(({ family }) => family);
  const labels = FAMILIES_WITH_USER.filter(({ name }) => counters.includes(name)).flatMap((family) => family.labels);
  assert.ok(labels.length > 0);
  assert.deepEqual(
    labels.filter((label) => ['pid', 'comm', 'container_id', 'workload'].includes(label)),
    [],
  );
});
