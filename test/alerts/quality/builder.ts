import type { ProcessSnapshot } from '../../../src/snapshot/snapshot.ts';
import { lines, steps } from './curve.ts';
import type { Curve, Point } from './curve.ts';
import type { Dice } from './dice.ts';
import { DAY, HOUR, MINUTE, quietLife } from './life.ts';
import type { ChipState, Finding, Holding, HostLife, Interval, Leak, SimulatedProcess } from './life.ts';

export interface Stay extends Interval {
  readonly comm: string;
  readonly pid?: number;
  readonly cleanedAt?: number;
}

/** A world of one host while it is thought up: collects what happens. */
export class HostBuilder {
  readonly dice: Dice;
  readonly chips: readonly number[];
  /** The end of the world, in seconds. */
  readonly end: number;
  readonly processes: SimulatedProcess[] = [];
  readonly leaks: Leak[] = [];
  readonly findings: Finding[] = [];
  readonly exporterDown: Interval[] = [];
  readonly maintenance: Interval[] = [];
  readonly chipStates: ChipState[] = [];
  #pid: number;

  constructor(dice: Dice, chips: number, days: number) {
    this.dice = dice;
    this.chips = Array.from({ length: chips }, (_, index) => index);
    this.end = days * DAY;
    this.#pid = dice.integer(2000, 90_000);
  }

  /** A process on one chip, or on several with the same holding. */
  run(stay: Stay, chips: readonly number[], holding: Holding | ((chip: number) => Holding)): SimulatedProcess {
    this.#pid += this.dice.integer(1, 40);
    const process: SimulatedProcess = {
      pid: stay.pid ?? this.#pid,
      from: stay.from,
      until: stay.until,
      owner: { comm: stay.comm, ...this.#ownerOf(stay.comm) },
      holdings: new Map(chips.map((chip) => [chip, typeof holding === 'function' ? holding(chip) : holding])),
      cleanedAt: stay.cleanedAt,
    };
    this.processes.push(process);
    return process;
  }

  life(part: Partial<HostLife> = {}): HostLife {
    const { processes, leaks, findings, exporterDown, maintenance, chipStates } = this;
    return quietLife({
      chips: this.chips.length,
      processes: processes.toSorted((a, b) => a.from - b.from),
      leaks,
      findings,
      exporterDown,
      maintenance,
      chipStates,
      ...part,
    });
  }

  /** A pod, a Slurm job or a unit, by the name of the program. */
  #ownerOf(comm: string): Partial<ProcessSnapshot> {
    const hex = this.dice.integer(0x10000000, 0xffffffff).toString(16);
    if (comm === 'train') return { slurmJobId: String(this.dice.integer(1000, 99_999)) };
    if (comm === 'notebook') return { unit: 'jupyter.service' };
    return { podUid: `${hex}-6f1c-4c8e-9d3e-5f0e6a7b8c9d`, containerId: `${hex}4567` };
  }
}

/** Weights are read in some minutes, then the rest is taken at once: how inference servers start. */
export function loadThenPreallocate(dice: Dice, from: number, weights: number, total: number): Curve {
  const loaded = from + dice.between(3, 12) * MINUTE;
  return lines([
    [from, 0.01],
    [loaded, weights],
    [loaded + 20, total],
  ]);
}

/** Traffic over the day: busy or not, drawn anew every ten minutes. Somebody comes at least every few hours. */
export function traffic(dice: Dice, from: number, until: number): Curve {
  const busiest = dice.between(0.3, 1);
  const points: Point[] = [[from, busiest]];
  for (let t = from + 10 * MINUTE; t < until; t += 10 * MINUTE) {
    const hour = (t / HOUR) % 24;
    const wish = busiest * (0.55 - 0.45 * Math.cos(((hour - 2) / 24) * 2 * Math.PI));
    points.push([t, dice.chance(0.15 + wish) ? wish : 0]);
  }
  return steps(points);
}

export function constant(value: number): Curve {
  return () => value;
}
