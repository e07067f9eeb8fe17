import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SENSOR_RULES, judge, judgeFan, judgeId, judgeVersion } from '../../../src/sources/sysfs/plausibility.ts';
import type { RejectReason } from '../../../src/sources/sysfs/plausibility.ts';

type Quantity = keyof typeof SENSOR_RULES;

const value = (number: number) => ({ kind: 'value', value: number });
const rejected = (reason: RejectReason) => ({ kind: 'rejected', reason });
const ABSENT = { kind: 'absent' };

/** All ones as each generation of the driver prints them. */
const GENERATIONS: Record<string, Partial<Record<Quantity, number>>> = {
  'any Blackhole, and Wormhole from 2.9 on': {
    temperature: 65535999,
    temperatureLimit: 4294966296,
    voltage: 4294967295,
    voltageLimit: 65535,
    current: 4294966296,
    currentLimit: 4294966296,
    power: 4293967296,
    powerLimit: 4293967296,
    clock: 4294967295,
    heartbeat: 4294967295,
    thermalTrips: 4294967295,
  },
  'Wormhole 2.2 to 2.8': {
    temperature: 4095937,
    temperatureLimit: 65535000,
    voltage: 4294967295,
    voltageLimit: 65535,
    current: 65535000,
    currentLimit: 65535000,
    power: 1110490560,
    powerLimit: 1110490560,
    clock: 4294967295,
    heartbeat: 4294967295,
  },
  'Wormhole and Grayskull 1.34 to 2.1': { temperature: 4095937, clock: 65535 },
  'Wormhole and Grayskull 1.28 to 1.33': { temperature: 4194240, clock: 65535 },
};

for (const [generation, sentinels] of Object.entries(GENERATIONS)) {
  test(`all ones are known for what they are: ${generation}`, () => {
    const quantities = Object.keys(sentinels) as Quantity[];
    assert.deepEqual(
      quantities.map((quantity) => [quantity, judge(sentinels[quantity] ?? 0, SENSOR_RULES[quantity])]),
      quantities.map((quantity) => [quantity, rejected('all_ones')]),
    );
  });
}

test('numbers come out in base units and exact', () => {
  assert.deepEqual(judge(41187, SENSOR_RULES.temperature), value(41.187));
  assert.deepEqual(judge(-5000, SENSOR_RULES.temperature), value(-5));
  assert.deepEqual(judge(795, SENSOR_RULES.voltage), value(0.795));
  assert.deepEqual(judge(15000, SENSOR_RULES.current), value(15));
  assert.deepEqual(judge(12000000, SENSOR_RULES.power), value(12));
  assert.deepEqual(judge(1350, SENSOR_RULES.clock), value(1350000000));
  assert.deepEqual(judge(65535, SENSOR_RULES.heartbeat), value(65535));
  assert.deepEqual(judge(0, SENSOR_RULES.thermalTrips), value(0));
});

test('a reading of 0 is a reading, a limit of 0 is none', () => {
  for (const quantity of ['temperature', 'voltage', 'current', 'power', 'clock', 'heartbeat'] as const) {
    assert.deepEqual(judge(0, SENSOR_RULES[quantity]), value(0));
  }
  for (const limit of ['temperatureLimit', 'voltageLimit', 'currentLimit', 'powerLimit'] as const) {
    assert.deepEqual(judge(0, SENSOR_RULES[limit]), ABSENT);
  }
});

test('garbage that has been seen is refused with its reason', () => {
  assert.deepEqual(judge(32768000, SENSOR_RULES.temperature), rejected('sensor_error'));
  // -5 degrees as 16.16 without its sign.
  assert.deepEqual(judge(65531000, SENSOR_RULES.temperature), rejected('implausible'));
  assert.deepEqual(judge(3211313, SENSOR_RULES.voltage), rejected('implausible'));
  assert.deepEqual(judge(3342387000, SENSOR_RULES.current), rejected('implausible'));
  assert.deepEqual(judge(4080000000, SENSOR_RULES.power), rejected('implausible'));
  assert.deepEqual(judge(3001, SENSOR_RULES.clock), rejected('implausible'));
  assert.deepEqual(judge(-1, SENSOR_RULES.voltage), rejected('implausible'));
  assert.deepEqual(judge(10001, SENSOR_RULES.thermalTrips), rejected('implausible'));
});

test('the ends of each range are inside', () => {
  assert.deepEqual(
    [
      judge(-40000, SENSOR_RULES.temperature),
      judge(-40001, SENSOR_RULES.temperature),
      judge(150000, SENSOR_RULES.temperature),
      judge(150001, SENSOR_RULES.temperature),
      judge(2000, SENSOR_RULES.voltage),
      judge(2001, SENSOR_RULES.voltage),
      judge(1000000, SENSOR_RULES.current),
      judge(1000001, SENSOR_RULES.current),
      judge(1500000000, SENSOR_RULES.power),
      judge(1500000001, SENSOR_RULES.power),
      judge(3000, SENSOR_RULES.clock),
    ],
    [
      value(-40),
      rejected('implausible'),
      value(150),
      rejected('implausible'),
      value(2),
      rejected('implausible'),
      value(1000),
      rejected('implausible'),
      value(1500),
      rejected('implausible'),
      value(3e9),
    ],
  );
});

test('a fan that is not there is absent, one that stands still is a finding', () => {
  const cases: readonly (readonly [number, string | undefined, object])[] = [
    [2068, 'p150a', value(2068)],
    [0, 'p150a', value(0)],
    [0, 'p100a', value(0)],
    [0, 'p300a', value(0)],
    [0, 'p150b', ABSENT],
    [0, undefined, ABSENT],
    [4294967295, 'p150a', rejected('all_ones')],
    [4294967295, 'p150b', ABSENT],
    [4294967295, 'p300c', ABSENT],
    [4294967295, undefined, ABSENT],
    [2744786, 'p150b', rejected('implausible')],
    [20000, 'p150b', value(20000)],
    [20001, 'p150a', rejected('implausible')],
    [-1, 'p150a', rejected('implausible')],
  ];
  assert.deepEqual(
    cases.map(([rpm, board]) => judgeFan(rpm, board)),
    cases.map(([, , judgement]) => judgement),
  );
});

test('ids and versions of all ones or of nothing are told apart', () => {
  assert.deepEqual([judgeId(2n ** 64n - 1n), judgeId(0n), judgeId(1n)], ['all_ones', 'absent', 'value']);
  assert.deepEqual(['255.255.255.255', '255.15.4095', '0.0.0.0', '0.0.0', '19.10.0.0'].map(judgeVersion), [
    'all_ones',
    'all_ones',
    'absent',
    'absent',
    'value',
  ]);
});

test('whatever number a file holds, what is published is in its range', () => {
  const rules = Object.values(SENSOR_RULES);
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom(...rules), (raw, rule) => {
      const judgement = judge(raw, rule);
      if (judgement.kind !== 'value') return;
      assert.ok(Number.isFinite(judgement.value));
      assert.ok(judgement.value >= rule.min && judgement.value <= rule.max);
    }),
  );
});
