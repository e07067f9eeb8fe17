import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FLIT_FILES } from '../../../src/sources/sysfs/flit-files.ts';
import { FlitMeter, flitsPerSecondLimit } from '../../../src/sources/sysfs/flit-meter.ts';
import type { FlitSample } from '../../../src/sources/sysfs/flit-sample.ts';

const WRAP = 2 ** 32;
const LIMIT = 2e9;
/** Milliseconds after which a counter at the limit has wrapped. */
const WRAP_MS = (WRAP / LIMIT) * 1000;

type Flits = FlitSample['flits'];

function all(flits: number | undefined): Flits {
  return FLIT_FILES.map(() => flits);
}

/** A sample that took no time. */
function sample(at: number, flits: Flits, heartbeats: FlitSample['heartbeats'] = [undefined, undefined]): FlitSample {
  return { startedAt: at, endedAt: at, heartbeats, flits };
}

/** Bytes by counter, if all are there. */
function bytesOf(meter: FlitMeter): number[] {
  return meter.counters().map(({ bytes }) => bytes);
}

function metered(...samples: readonly FlitSample[]): { meter: FlitMeter; leftOut: (string | undefined)[] } {
  const meter = new FlitMeter(LIMIT);
  return { meter, leftOut: samples.map((one) => meter.add(one)) };
}

const twelve = (bytes: number): number[] => FLIT_FILES.map(() => bytes);

describe('the counters of a card', () => {
  it('are counted from 0, wherever they stand', () => {
    const { meter, leftOut } = metered(sample(0, all(4_000_000_000)));
    assert.deepEqual([bytesOf(meter), leftOut], [twelve(0), [undefined]]);
  });

  it('are counted each for itself, by NOC, role and operation', () => {
    const { meter } = metered(
      sample(0, all(5)),
      sample(
        1000,
        FLIT_FILES.map((_, index) => 5 + index),
      ),
    );
    assert.deepEqual(
      meter.counters().map(({ noc, role, operation, bytes }) => `${noc} ${role} ${operation} ${bytes}`),
      [
        '0 master read 0',
        '0 master write_posted 32',
        '0 master write_nonposted 64',
        '0 slave read 96',
        '0 slave write_posted 128',
        '0 slave write_nonposted 160',
        '1 master read 192',
        '1 master write_posted 224',
        '1 master write_nonposted 256',
        '1 slave read 288',
        '1 slave write_posted 320',
        '1 slave write_nonposted 352',
      ],
    );
  });

  it('are counted on where they wrap', () => {
    const { meter, leftOut } = metered(sample(0, all(WRAP - 3)), sample(1000, all(2)), sample(2000, all(10)));
    assert.deepEqual([bytesOf(meter), leftOut], [twelve(13 * 32), [undefined, undefined, undefined]]);
  });

  it('stay exact beyond 2^53 bytes', () => {
    const meter = new FlitMeter(LIMIT);
    let flits = 0n;
    let at = 0;
    meter.add(sample(at, all(0)));
    while (flits * 32n < 2n ** 53n) {
      at += 2000;
      flits += 3_999_999_999n;
      meter.add(sample(at, all(Number(flits % 2n ** 32n))));
    }
    meter.add(sample(at + 1000, all(Number((flits + 1n) % 2n ** 32n))));
    assert.deepEqual(
      meter.counters().map(({ bytes }) => BigInt(bytes)),
      FLIT_FILES.map(() => (flits + 1n) * 32n),
    );
  });

  it('leave out an interval in which they may have wrapped twice', () => {
    const late = WRAP_MS + 1;
    const samples = [sample(0, all(1)), sample(late, all(2)), sample(late + 1000, all(5))];
    const { meter, leftOut } = metered(...samples);
    assert.deepEqual([bytesOf(meter), leftOut], [twelve(96), [undefined, 'they were not read in time', undefined]]);
  });

  it('go by the longest time that can be between two readings', () => {
    const first = { ...sample(0, all(0)), endedAt: 500 };
    const second = { ...sample(1500, all(1)), endedAt: Math.floor(WRAP_MS) };
    const third = { ...second, endedAt: WRAP_MS + 1 };
    assert.deepEqual(metered(first, second).leftOut, [undefined, undefined]);
    assert.deepEqual(metered(first, third).leftOut, [undefined, 'they were not read in time']);
  });

  it('of a Wormhole wrap later than those of a faster link', () => {
    assert.deepEqual((['wormhole', 'blackhole', undefined] as const).map(flitsPerSecondLimit), [1e9, 2e9, 2e9]);
  });

  it('are not counted on from before a reset that the heartbeat tells', () => {
    const { meter, leftOut } = metered(
      sample(0, all(0), [900, 900]),
      sample(1000, all(1_000_000_000), [910, 910]),
      sample(2000, all(1_000_000_500), [3, 3]),
      sample(3000, all(1_000_000_501), [13, 13]),
    );
    assert.deepEqual(
      [bytesOf(meter), leftOut],
      [twelve(1_000_000_001 * 32), [undefined, undefined, 'the chip was reset', undefined]],
    );
  });

  it('are not believed where a reset fell between them', () => {
    const torn = sample(1000, [7_000_000, ...all(0).slice(1)], [910, 0]);
    const samples = [sample(0, all(5_000_000), [900, 900]), torn];
    const { meter, leftOut } = metered(...samples);
    assert.deepEqual([bytesOf(meter), leftOut], [[], [undefined, 'the chip was reset']]);
    assert.equal(meter.add(sample(2000, all(1), [10, 10])), undefined);
    assert.deepEqual(bytesOf(meter), twelve(0));
  });

  it('do not start from a sample that a reset fell into', () => {
    const { meter, leftOut } = metered(sample(0, all(5_000_000), [900, 2]));
    assert.deepEqual([bytesOf(meter), leftOut], [[], [undefined]]);
  });

  it('are taken for reset, all of them, where one has moved further than PCIe allows', () => {
    const busy = FLIT_FILES.map((_, index) => (index === 0 ? 4_000_000 : 3_000_000_000));
    const { meter, leftOut } = metered(sample(0, busy), sample(1000, all(0)), sample(2000, all(10)));
    assert.deepEqual([bytesOf(meter), leftOut], [twelve(320), [undefined, 'the chip was reset', undefined]]);
  });

  it('that cannot be read are absent, and the interval is left out for them alone', () => {
    const without = [undefined, ...all(20).slice(1)];
    const { meter, leftOut } = metered(sample(0, all(10)), sample(1000, without));
    assert.deepEqual([bytesOf(meter), leftOut], [twelve(320).slice(1), [undefined, 'some could not be read']]);
    assert.equal(meter.add(sample(2000, without)), undefined, 'it is known by now');
    assert.equal(meter.add(sample(3000, all(30))), undefined);
    assert.equal(meter.add(sample(4000, all(31))), undefined);
    assert.deepEqual(bytesOf(meter), [32, ...twelve(21 * 32).slice(1)]);
  });

  it('that are not there are never counted, and nothing is said of them', () => {
    const { meter, leftOut } = metered(sample(0, all(undefined)), sample(9000, all(undefined), [5, 5]));
    assert.deepEqual([bytesOf(meter), leftOut, meter.lose('gone')], [[], [undefined, undefined], undefined]);
  });

  it('are absent after the chip was not there, until they are read again', () => {
    const { meter } = metered(sample(0, all(0)), sample(1000, all(7)));
    assert.equal(meter.lose('reads give all ones'), 'reads give all ones');
    assert.equal(meter.lose('reads give all ones'), undefined, 'one interval is left out once');
    assert.deepEqual(bytesOf(meter), []);
    meter.add(sample(1500, all(9)));
    assert.deepEqual(bytesOf(meter), twelve(7 * 32));
  });

  it('are given up as soon as a sample that is missing would come too late', () => {
    const { meter } = metered(sample(0, all(0)), sample(1000, all(7)));
    assert.equal(meter.miss(1000 + WRAP_MS - 1), undefined);
    assert.deepEqual(bytesOf(meter), twelve(7 * 32));
    assert.equal(meter.miss(1000 + WRAP_MS), 'they were not read in time');
    assert.equal(meter.miss(9000), undefined);
    assert.deepEqual(bytesOf(meter), []);
  });
});

interface Step {
  /** Part of the limit, of each counter. */
  readonly rates: readonly number[];
  readonly waitMs: number;
  /** How long the sample takes, and when within it each counter is read, 0 to 1. */
  readonly tookMs: number;
  readonly moments: readonly number[];
  readonly reset: boolean;
}

/** 63.0 GB/s are 98.4 % of the limit. */
const rates = perCounter(fc.double({ min: 0, max: 0.985, noNaN: true }));
const moments = perCounter(fc.double({ min: 0, max: 1, noNaN: true }));

function perCounter(value: fc.Arbitrary<number>): fc.Arbitrary<number[]> {
  return fc.array(value, { minLength: FLIT_FILES.length, maxLength: FLIT_FILES.length });
}

function steps(maxWaitMs: number, resets: boolean): fc.Arbitrary<Step[]> {
  const step = fc.record({
    rates,
    waitMs: fc.double({ min: 1, max: maxWaitMs, noNaN: true }),
    tookMs: fc.double({ min: 0, max: 200, noNaN: true }),
    moments,
    reset: resets ? fc.boolean() : fc.constant(false),
  });
  return fc.array(step, { minLength: 1, maxLength: 40 });
}

/**
 * A chip that counts in truth without end, and the meter that looks at it. It goes at one rate from one sample's end to
 * the next one's, so that its counters move while they are read.
 */
class SimulatedChip {
  readonly meter = new FlitMeter(LIMIT);
  readonly leftOut: (string | undefined)[] = [];
  readonly #truth: number[];
  #raw: number[];
  #now = 0;
  #bootedAt = -100_000;
  /** Of the truth, when each counter was read first and last. */
  #first: number[] | undefined;
  #last: number[] = [];

  constructor(starts: readonly number[]) {
    this.#raw = [...starts];
    this.#truth = starts.map(() => 0);
  }

  /** Flits that went by between the first and the last reading of each counter. */
  get passed(): number[] {
    return this.#last.map((flits, index) => flits - (this.#first?.[index] ?? 0));
  }

  go({ rates, waitMs, tookMs, moments, reset }: Step): void {
    // A chip boots for longer than a sample takes: it is not reset again before it was seen.
    if (reset && this.#now - this.#bootedAt > waitMs + 100) {
      this.#raw = this.#raw.map(() => 0);
      this.#bootedAt = this.#now;
    }
    const startedAt = this.#now + waitMs;
    const endedAt = startedAt + tookMs;
    const flitsAt = (index: number, ms: number): number => Math.floor(((rates[index] ?? 0) * LIMIT * ms) / 1000);
    const untilRead = rates.map((_, index) => flitsAt(index, waitMs + tookMs * (moments[index] ?? 0)));
    const flits = untilRead.map((added, index) => ((this.#raw[index] ?? 0) + added) % WRAP);
    this.#last = untilRead.map((added, index) => (this.#truth[index] ?? 0) + added);
    this.#first ??= this.#last;
    rates.forEach((_, index) => {
      this.#raw[index] = (this.#raw[index] ?? 0) + flitsAt(index, waitMs + tookMs);
      this.#truth[index] = (this.#truth[index] ?? 0) + flitsAt(index, waitMs + tookMs);
    });
    this.#now = endedAt;
    const heartbeats = [this.#heartbeat(startedAt), this.#heartbeat(endedAt)] as const;
    this.leftOut.push(this.meter.add({ startedAt, endedAt, heartbeats, flits }));
  }

  #heartbeat(now: number): number {
    return Math.floor((now - this.#bootedAt) / 100);
  }
}

const starts = perCounter(fc.integer({ min: 0, max: WRAP - 1 }));

describe('whatever a chip does below the limit of PCIe', () => {
  it('its totals are the truth, at any rate, with any wraps and samples that come early or late', () => {
    // Two samples that take 200 ms each and the wait between them: just in time.
    const longest = Math.floor(WRAP_MS) - 400;
    fc.assert(
      fc.property(starts, steps(longest, false), (raw, all) => {
        const chip = new SimulatedChip(raw);
        for (const step of all) chip.go(step);
        assert.deepEqual(
          bytesOf(chip.meter).map((bytes) => bytes / 32),
          chip.passed,
        );
        assert.ok(chip.leftOut.every((why) => why === undefined));
      }),
      { numRuns: 300 },
    );
  });

  it('its totals are never more than the truth, with gaps and resets in between', () => {
    fc.assert(
      fc.property(starts, steps(4000, true), (raw, all) => {
        const chip = new SimulatedChip(raw);
        for (const step of all) chip.go(step);
        bytesOf(chip.meter).forEach((bytes, index) => {
          assert.ok(bytes / 32 <= (chip.passed[index] ?? 0), `${bytes / 32} of ${chip.passed[index]}`);
        });
      }),
      { numRuns: 300 },
    );
  });
});
