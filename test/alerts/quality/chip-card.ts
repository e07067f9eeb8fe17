import { BOARDS } from '../../../src/simulator/boards.ts';
import type { Board, BoardName, Swing } from '../../../src/simulator/boards.ts';
import type { Card, CardState, RejectedReading } from '../../../src/sources/sysfs/types.ts';
import { richCard } from '../../support/rich-snapshot.ts';

export interface Readings {
  readonly state: CardState;
  /** 0 to 1. */
  readonly load: number;
  /** Half the width of the temperature's noise. */
  readonly noise: number;
  readonly rejected: readonly RejectedReading[];
}

const HEARTBEATS_PER_SECOND = 10;
const NO_READING = { value: undefined, limit: undefined };

/** A card of a board as it is when nothing runs. */
export function idleCard(name: BoardName, index: number): Card {
  const board: Board = BOARDS[name];
  const speed = Number.parseFloat(board.pci.speed) * 1e9;
  return richCard({
    index,
    pciAddress: `0000:${(index + 1).toString(16).padStart(2, '0')}:00.0`,
    arch: board.arch,
    driverIndex: index,
    board: board.name,
    serial: 0x0100018611800000n + BigInt(index),
    thermalTrips: board.arch === 'blackhole' ? 0 : undefined,
    firmware: [{ component: 'bundle', version: board.firmware['fw_bundle_ver'] ?? '' }],
    link: { speed, maxSpeed: speed, width: board.pci.width, maxWidth: board.pci.maxWidth },
    flitCounters: [],
    rejected: [],
  });
}

/** The same card at a moment; without what cannot be read in that state. */
export function cardAt(card: Card, board: Board, seconds: number, readings: Readings): Card {
  const { state, load, rejected } = readings;
  if (state !== 'ok') return unreadable(card, state);
  const { temp1, in0, curr1, power1 } = board.sensors;
  const jump = readings.noise * Math.sin(seconds * 0.7391) * Math.cos(seconds * 0.1234);
  const isRejected = (sensor: string): boolean => rejected.some((one) => one.sensor === sensor);
  return {
    ...card,
    temperature: { value: isRejected('asic') ? undefined : at(temp1, load) / 1000 + jump, limit: temp1.max / 1000 },
    voltage: { value: isRejected('vcore') ? undefined : at(in0, load) / 1000, limit: in0.max / 1000 },
    current: { value: Math.round(at(curr1, load) / 1000), limit: curr1.max / 1000 },
    power: { value: Math.round(at(power1, load) / 1e6), limit: power1.max / 1e6 },
    fanRpm: typeof board.fan === 'object' ? Math.round(at(board.fan, load)) : undefined,
    clocks: {
      ai: (load > 0.05 ? board.clocks.ai.busy : board.clocks.ai.idle) * 1e6,
      axi: board.clocks.axi * 1e6,
      arc: board.clocks.arc * 1e6,
    },
    heartbeat: (board.heartbeat + Math.floor(seconds * HEARTBEATS_PER_SECOND)) % 2 ** 32,
    rejected,
  };
}

function unreadable(card: Card, state: CardState): Card {
  return {
    ...card,
    state,
    firmware: [],
    temperature: NO_READING,
    voltage: NO_READING,
    current: NO_READING,
    power: NO_READING,
    fanRpm: undefined,
    clocks: { ai: undefined, axi: undefined, arc: undefined },
    heartbeat: undefined,
    thermalTrips: undefined,
    rejected: [],
    driverIndex: state === 'no_driver' ? undefined : card.driverIndex,
  };
}

function at(swing: Swing, load: number): number {
  return swing.idle + (swing.busy - swing.idle) * load;
}
