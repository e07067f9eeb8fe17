import type { BoardName } from '../../../src/simulator/boards.ts';
import type { ProcessSnapshot } from '../../../src/snapshot/snapshot.ts';
import type { CardState, RejectedReading } from '../../../src/sources/sysfs/types.ts';
import type { Curve } from './curve.ts';

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** Half open, in seconds since the world began. */
export interface Interval {
  readonly from: number;
  readonly until: number;
}

export interface SimulatedProcess extends Interval {
  readonly pid: number;
  readonly owner: Partial<ProcessSnapshot>;
  /** What it holds, by the index of the chip. */
  readonly holdings: ReadonlyMap<number, Holding>;
  /** Killed: its bytes stay charged until then. */
  readonly cleanedAt: number | undefined;
}

/** Shares of the chip's capacity, and of its time. */
export interface Holding {
  readonly dram: Curve;
  readonly trace?: number;
  readonly l1: number;
  /** How busy it keeps the chip, 0 to 1. */
  readonly load: Curve;
}

/** A true leak: what an alert has to find. */
export interface Leak extends Interval {
  readonly chip: number;
  /** Shares of the capacity, an hour. */
  readonly rate: number;
}

/** Something that really is so: alerts of these names that begin meanwhile are right. */
export interface Finding extends Interval {
  readonly alerts: readonly string[];
  /** undefined: of the host. */
  readonly chip: number | undefined;
}

export interface ChipState extends Interval {
  readonly chip: number;
  readonly state: CardState;
}

export type Tracking =
  | { readonly kind: 'region'; readonly version: '3' | '4' }
  /** A stock allocation server: no numbers by process. */
  | { readonly kind: 'totals' }
  | { readonly kind: 'off' };

/** What happens on a host, and what of it alerts should say. */
export interface HostLife {
  readonly chips: number;
  readonly board: BoardName;
  readonly tracking: Tracking;
  readonly processes: readonly SimulatedProcess[];
  /** PIDs are those of a namespace that cannot be seen. */
  readonly invisible: boolean;
  readonly exporterDown: readonly Interval[];
  readonly maintenance: readonly Interval[];
  readonly chipStates: readonly ChipState[];
  /** Bytes that the region's total has and nobody is charged with, as a share of DRAM. */
  readonly drift: (chip: number) => Curve;
  readonly rejected: (chip: number, seconds: number) => readonly RejectedReading[];
  /** Half the width of the noise of the temperature. */
  readonly temperatureNoise: number;
  readonly leaks: readonly Leak[];
  readonly findings: readonly Finding[];
}

/** A healthy host on which nothing runs; with `part` put over it. */
export function quietLife(part: Partial<HostLife> & Pick<HostLife, 'chips'>): HostLife {
  const none: Curve = () => 0;
  return {
    board: 'n150',
    tracking: { kind: 'region', version: '4' },
    processes: [],
    invisible: false,
    exporterDown: [],
    maintenance: [],
    chipStates: [],
    drift: () => none,
    rejected: () => [],
    temperatureNoise: 0.4,
    leaks: [],
    findings: [],
    ...part,
  };
}

export function covers(intervals: readonly Interval[], seconds: number): boolean {
  return intervals.some(({ from, until }) => from <= seconds && seconds < until);
}
