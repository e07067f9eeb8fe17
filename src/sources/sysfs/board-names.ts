import type { Architecture } from './types.ts';

interface Board {
  readonly name: string;
  readonly arch: Architecture;
}

/**
 * Boards by their UPI, which is a part of the serial, in the driver's spelling (tt-kmd: telemetry.c, grayskull.c); 0x8
 * and 0xB, which the driver calls `unknown`, as tt-smi spells them (tt-tools-common).
 */
const BOARDS: ReadonlyMap<number, Board> = new Map<number, Board>([
  [0x03, { name: 'e150', arch: 'grayskull' }],
  [0x07, { name: 'e75', arch: 'grayskull' }],
  [0x08, { name: 'nb_cb', arch: 'wormhole' }],
  [0x0b, { name: 'wh_4u', arch: 'wormhole' }],
  [0x14, { name: 'n300', arch: 'wormhole' }],
  [0x18, { name: 'n150', arch: 'wormhole' }],
  [0x35, { name: 'galaxy-wormhole', arch: 'wormhole' }],
  [0x36, { name: 'p100', arch: 'blackhole' }],
  [0x40, { name: 'p150a', arch: 'blackhole' }],
  [0x41, { name: 'p150b', arch: 'blackhole' }],
  [0x42, { name: 'p150c', arch: 'blackhole' }],
  [0x43, { name: 'p100a', arch: 'blackhole' }],
  [0x44, { name: 'p300b', arch: 'blackhole' }],
  [0x45, { name: 'p300a', arch: 'blackhole' }],
  [0x46, { name: 'p300c', arch: 'blackhole' }],
  [0x47, { name: 'galaxy-blackhole', arch: 'blackhole' }],
]);

const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map(
  [...BOARDS.values()].map((board) => [board.name, board.arch]),
);

/** The boards whose fan the firmware controls; others publish a placeholder for its speed (tt-system-firmware: boards). */
const FAN_CONTROLLED = new Set(['p100a', 'p150a', 'p300a']);

/** The board of a serial: bits 36 to 55 are its UPI. Undefined for one that is not in the table. */
export function boardOfSerial(serial: bigint): string | undefined {
  return BOARDS.get(Number((serial >> 36n) & 0xfffffn))?.name;
}

/**
 * The board of a PCI subsystem id, which is the UPI too, but the same number could mean something else on another
 * architecture: `arch` has to fit where it is known.
 */
export function boardOfSubsystem(subsystemId: number, arch: Architecture | undefined): string | undefined {
  const board = BOARDS.get(subsystemId);
  return board !== undefined && (arch === undefined || board.arch === arch) ? board.name : undefined;
}

export function architectureOfBoard(board: string): Architecture | undefined {
  return ARCHITECTURES.get(board);
}

/** Whether a fan speed of 0, or none, would be a finding on this board. */
export function hasControlledFan(board: string): boolean {
  return FAN_CONTROLLED.has(board);
}
