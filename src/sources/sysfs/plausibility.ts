import { hasControlledFan } from './board-names.ts';

export type RejectReason = 'all_ones' | 'implausible' | 'sensor_error';

/** What a raw number turned out to be. `absent`: the board does not have it or does not tell it, which is no fault. */
export type Judgement =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'rejected'; readonly reason: RejectReason };

/** What a file can say and what it means. */
export interface SensorRule {
  /**
   * What the driver makes of a register that reads as all ones, in the file's own unit. Those of all driver versions
   * stand together: none of them is a number that a working chip gives, power being whole watts.
   */
  readonly allOnes: readonly number[];
  /** What firmware publishes for a sensor that failed. */
  readonly sensorErrors: readonly number[];
  /** The file's unit in base units is `raw * factor / divisor`; dividing is exact where multiplying is not. */
  readonly factor: number;
  readonly divisor: number;
  /** In base units, both included. */
  readonly min: number;
  readonly max: number;
  /** Limits: 0 is one that firmware does not tell. */
  readonly zeroIsUnknown: boolean;
}

const U32_ONES = 0xffffffff;

function rule(allOnes: readonly number[], max: number, rest: Partial<SensorRule> = {}): SensorRule {
  return { allOnes, max, min: 0, factor: 1, divisor: 1, sensorErrors: [], zeroIsUnknown: false, ...rest };
}

const MILLI = { divisor: 1e3 };
const MICRO = { divisor: 1e6 };
const LIMIT = { zeroIsUnknown: true };

/** Amperes and watts are 32-bit products in the driver since 2.9 and on Blackhole, 16-bit fields before that on Wormhole. */
const CURRENT_ONES = [4294966296, 65535000];
const POWER_ONES = [4293967296, 1110490560];

/**
 * The ranges are wider than any board's, so that they refuse garbage and nothing else; the sentinels are what tt-kmd's
 * arithmetic gives for all ones (telemetry.c; wormhole.c and hwmon.c of 1.28 to 2.8).
 */
export const SENSOR_RULES = {
  /**
   * 16.16 fixed point printed in m°C: 65535999; on Wormhole 4095937 (1.34 to 2.8) and 4194240 (1.28 to 1.33). 0x80000000
   * is Blackhole firmware's marker of a failed sensor. Readings below zero come out as huge numbers, and are refused.
   */
  temperature: rule([65535999, 4095937, 4194240], 150, { ...MILLI, min: -40, sensorErrors: [32768000] }),
  temperatureLimit: rule([4294966296, 65535000], 150, { ...MILLI, ...LIMIT }),
  voltage: rule([U32_ONES, 65535], 2, MILLI),
  voltageLimit: rule([U32_ONES, 65535], 2, { ...MILLI, ...LIMIT }),
  current: rule(CURRENT_ONES, 1000, MILLI),
  currentLimit: rule(CURRENT_ONES, 1000, { ...MILLI, ...LIMIT }),
  power: rule(POWER_ONES, 1500, MICRO),
  powerLimit: rule(POWER_ONES, 1500, { ...MICRO, ...LIMIT }),
  /** MHz; drivers 1.28 to 2.1 masked the register with 16 bits. */
  clock: rule([U32_ONES, 65535], 3e9, { factor: 1e6 }),
  heartbeat: rule([U32_ONES], U32_ONES),
  /** Shutdowns since the power came on: ten thousand of them are not a count. */
  thermalTrips: rule([U32_ONES], 10_000),
} as const satisfies Record<string, SensorRule>;

const ABSENT: Judgement = { kind: 'absent' };
const REJECTED: Readonly<Record<RejectReason, Judgement>> = {
  all_ones: { kind: 'rejected', reason: 'all_ones' },
  implausible: { kind: 'rejected', reason: 'implausible' },
  sensor_error: { kind: 'rejected', reason: 'sensor_error' },
};

/** A file's number in base units, or why it is not believed. */
export function judge(raw: number, sensor: SensorRule): Judgement {
  if (sensor.allOnes.includes(raw)) return REJECTED.all_ones;
  if (sensor.sensorErrors.includes(raw)) return REJECTED.sensor_error;
  if (raw === 0 && sensor.zeroIsUnknown) return ABSENT;
  const value = (raw * sensor.factor) / sensor.divisor;
  return value >= sensor.min && value <= sensor.max ? { kind: 'value', value } : REJECTED.implausible;
}

const MAX_FAN_RPM = 20_000;

/**
 * A fan's speed. Boards without a controlled fan publish 0 or all ones, by firmware (tt-kmd pull request 282): there it
 * is absent, and so it is where the board is not known.
 */
export function judgeFan(rpm: number, board: string | undefined): Judgement {
  const fan = board !== undefined && hasControlledFan(board);
  if (rpm === U32_ONES) return fan ? REJECTED.all_ones : ABSENT;
  if (rpm === 0 && !fan) return ABSENT;
  return rpm >= 0 && rpm <= MAX_FAN_RPM ? { kind: 'value', value: rpm } : REJECTED.implausible;
}

const ALL_ONES_ID = 0xffff_ffff_ffff_ffffn;

/** A serial or a chip's id: 0 is one that was never written. */
export function judgeId(id: bigint): 'value' | 'absent' | 'all_ones' {
  if (id === ALL_ONES_ID) return 'all_ones';
  return id === 0n ? 'absent' : 'value';
}

/** 255.15.4095: how the Ethernet firmware's version, packed in its own way, reads as all ones. */
const ALL_ONES_VERSIONS = new Set(['255.255.255.255', '255.15.4095']);
const NO_VERSIONS = new Set(['0.0.0.0', '0.0.0']);

export function judgeVersion(version: string): 'value' | 'absent' | 'all_ones' {
  if (ALL_ONES_VERSIONS.has(version)) return 'all_ones';
  return NO_VERSIONS.has(version) ? 'absent' : 'value';
}

const LANES = new Set([1, 2, 4, 8, 12, 16, 32]);

/** 63 is what the field is when config space reads as all ones. */
export const ALL_ONES_WIDTH = 63;

/** A PCIe link's width as PCIe has them. */
export function isLinkWidth(lanes: number): boolean {
  return LANES.has(lanes);
}
