import { BOARDS } from './boards.ts';
import type { Board, SensorModel, Swing } from './boards.ts';
import type { CardPlan } from './card-plan.ts';

const U32 = 2 ** 32;
/** Telemetry is published ten times a second. */
const HEARTBEATS_PER_SECOND = 10;
/** 12 GB/s in 32-byte flits, at full load. */
const FLITS_PER_SECOND = 375_000_000;
const WARM_UP_SECONDS = 30;

/** What moves a card's readings. Loads are 0 to 1. */
export interface Motion {
  readonly load: number;
  /** Follows the load slowly: temperature and fan go by it. */
  readonly warmth: number;
}

/** The warmth after some seconds at a load. */
export function warm(motion: Motion, seconds: number): Motion {
  const reached = 1 - Math.exp(-seconds / WARM_UP_SECONDS);
  return { load: motion.load, warmth: motion.warmth + (motion.load - motion.warmth) * reached };
}

/** What firmware publishes at that load, by attribute; only of attributes in `values`. The heartbeat goes on from its value. */
export function telemetryAt(
  plan: CardPlan,
  motion: Motion,
  values: ReadonlyMap<string, string>,
  seconds: number,
  random: () => number,
): Map<string, string> {
  const board: Board = BOARDS[plan.board];
  const { temp1, in0, curr1, power1 } = board.sensors;
  const noise = (width: number): number => (random() - 0.5) * 2 * width;
  const next: Record<string, number> = {
    tt_aiclk: motion.load > 0.05 ? board.clocks.ai.busy : board.clocks.ai.idle,
    tt_heartbeat: (Number(values.get('tt_heartbeat') ?? 0) + Math.floor(HEARTBEATS_PER_SECOND * seconds)) % U32,
    temp1_input: Math.trunc(between(temp1, motion.warmth) + noise(400)),
    in0_input: Math.round(between(in0, motion.load) + noise(3)),
    // The driver knows whole amperes and watts only.
    curr1_input: whole(curr1, motion.load, noise(1500), 1000),
    power1_input: whole(power1, motion.load, noise(1_500_000), 1_000_000),
  };
  if (typeof board.fan === 'object') next['fan1_input'] = Math.round(between(board.fan, motion.warmth) + noise(25));
  return new Map(
    Object.entries(next)
      .filter(([name]) => values.has(name) && plan.values[name] === undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

/** The flit counters after some seconds at a load: u32, they wrap. */
export function flitsAt(
  motion: Motion,
  values: ReadonlyMap<string, string>,
  seconds: number,
  random: () => number,
): Map<string, string> {
  const next = new Map<string, string>();
  for (const [name, value] of values) {
    if (!name.startsWith('pcie_perf_counters/') || name.includes('nonposted')) continue;
    const flits = Math.floor(FLITS_PER_SECOND * motion.load * seconds * random());
    next.set(name, String((Number(value) + flits) % U32));
  }
  return next;
}

function between(swing: Swing, part: number): number {
  return swing.idle + (swing.busy - swing.idle) * part;
}

function whole(sensor: SensorModel, load: number, noise: number, unit: number): number {
  return Math.max(unit, Math.round((between(sensor, load) + noise) / unit) * unit);
}
