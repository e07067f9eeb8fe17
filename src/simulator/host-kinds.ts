import { BOARDS } from './boards.ts';
import type { BoardName } from './boards.ts';
import type { CardPlan, HostPlan } from './card-plan.ts';

/** The hosts that createSimulatedHost() knows: healthy ones, then each broken state. */
export const HOST_KINDS = [
  'n150',
  'n300',
  't3000',
  'p150',
  'p300',
  'galaxy',
  'galaxy-blackhole',
  'mixed',
  'fw-down',
  'frozen',
  'all-ones',
  'all-ones-wh28',
  'reset-window',
  'garbage',
  'fanless',
  'labels-only',
  'no-driver',
  'duplicate-hwmon',
  'old-driver',
  'empty',
] as const;
export type HostKind = (typeof HOST_KINDS)[number];

const DRIVER = '2.10.0';
/** Serials of real boards (n150, n300, Galaxy Wormhole); the others are made up, with the board's number in them. */
const SERIALS: Readonly<Record<BoardName, bigint>> = {
  n150: 0x010001861180b479n,
  n300: 0x010001451170c0c4n,
  'galaxy-wormhole': 0x0100035100000000n,
  p150a: 0x0000040131924062n,
  p150b: 0x0000041131924062n,
  p300a: 0x0000045131924062n,
  'galaxy-blackhole': 0x0000047131924000n,
};

/** A card with what such a board usually has. `index` tells boards of one host apart. */
export function plannedCard(
  board: BoardName,
  index: number,
  pciAddress: string,
  part: Partial<CardPlan> = {},
): CardPlan {
  const asicBase = BOARDS[board].arch === 'wormhole' ? 0x0123456789abcdefn : 0xa1b2c3d4e5f60718n;
  return {
    board,
    pciAddress,
    driverIndex: index,
    serial: SERIALS[board] + BigInt(index),
    asicId: asicBase + BigInt(index),
    location: 0,
    telemetry: 'full',
    hwmon: [3 + index],
    values: {},
    ...part,
  };
}

/** The host of a kind, as data. */
export function hostPlan(kind: HostKind): HostPlan {
  switch (kind) {
    case 'n150':
      return { driverVersion: DRIVER, cards: [n150()] };
    case 'n300':
      return { driverVersion: DRIVER, cards: [plannedCard('n300', 0, '0000:01:00.0')] };
    case 't3000':
      return { driverVersion: DRIVER, cards: t3000() };
    case 'p150':
      return { driverVersion: DRIVER, cards: [p150()] };
    case 'p300':
      return { driverVersion: DRIVER, cards: p300() };
    case 'galaxy':
      return { driverVersion: DRIVER, cards: galaxy('galaxy-wormhole', ['c', '8', '0', '4']) };
    case 'galaxy-blackhole':
      return { driverVersion: DRIVER, cards: galaxy('galaxy-blackhole', ['0', '4', 'c', '8']) };
    case 'mixed':
      return { driverVersion: DRIVER, cards: mixed() };
    default:
      return brokenHost(kind);
  }
}

type BrokenKind = Exclude<
  HostKind,
  'n150' | 'n300' | 't3000' | 'p150' | 'p300' | 'galaxy' | 'galaxy-blackhole' | 'mixed'
>;

function brokenHost(kind: BrokenKind): HostPlan {
  switch (kind) {
    case 'fw-down':
      return { driverVersion: DRIVER, cards: [p150({ telemetry: 'none' })] };
    case 'frozen':
      return { driverVersion: DRIVER, cards: [p150()], state: 'frozen' };
    case 'all-ones':
      return { driverVersion: DRIVER, cards: [p150()], state: 'all-ones' };
    case 'all-ones-wh28':
      return { driverVersion: '2.8.0', cards: [n150()], state: 'all-ones' };
    case 'reset-window':
      return { driverVersion: DRIVER, cards: [p150()], state: 'resetting' };
    case 'garbage':
      return { driverVersion: '2.7.0', cards: [garbage()] };
    case 'fanless':
      return { driverVersion: DRIVER, cards: [plannedCard('p150b', 0, '0000:c1:00.0')] };
    case 'labels-only':
      return { driverVersion: DRIVER, cards: [n150({ telemetry: 'labels' })] };
    case 'no-driver':
      return { driverVersion: undefined, cards: [p150({ driverIndex: undefined })] };
    case 'duplicate-hwmon':
      return { driverVersion: DRIVER, cards: [plannedCard('n150', 0, '0002:04:00.0', { hwmon: [2, 3] })] };
    case 'old-driver':
      return { driverVersion: '1.34', cards: [n150()] };
    case 'empty':
      return { driverVersion: undefined, cards: [] };
  }
}

function n150(part: Partial<CardPlan> = {}): CardPlan {
  return plannedCard('n150', 0, '0000:01:00.0', part);
}

function p150(part: Partial<CardPlan> = {}): CardPlan {
  return plannedCard('p150a', 0, '0000:c1:00.0', part);
}

/** The driver reads the wrong words after a flash; temperature stays right. (tt-kmd issue 213) */
function garbage(): CardPlan {
  const values = {
    in0_input: '3211313',
    curr1_input: '3342387000',
    power1_input: '4080000000',
    fan1_input: '2744786',
  };
  return p150({ values });
}

/** Four n300; the driver numbers them in another order than the bus, as on a real one. */
function t3000(): CardPlan[] {
  const addresses = ['0000:01:00.0', '0000:41:00.0', '0000:81:00.0', '0000:c1:00.0'];
  const driverIndexes = [0, 1, 3, 2];
  return addresses.map((address, i) => {
    const driverIndex = driverIndexes[i] ?? i;
    return plannedCard('n300', i, address, { driverIndex });
  });
}

/** Two chips of one board, both on PCIe, numbered the other way round. */
function p300(): CardPlan[] {
  return ['0000:01:00.0', '0000:02:00.0'].map((address, i) =>
    plannedCard('p300a', i, address, { serial: SERIALS.p300a, location: i, driverIndex: 1 - i }),
  );
}

function mixed(): CardPlan[] {
  const addresses = ['0000:01:00.0', '0000:41:00.0', '0000:c1:00.0'];
  const boards: BoardName[] = ['n150', 'n300', 'p150a'];
  return boards.map((board, i) => plannedCard(board, i, addresses[i] ?? '', { serial: SERIALS[board] }));
}

/**
 * Four trays of eight chips that share a serial. `trays`: high digit of the bus number by tray; driver index is
 * tray * 8 + low digit - 1. (tt-kmd: enumerate.c, from 2.8 on)
 */
function galaxy(board: BoardName, trays: readonly string[]): CardPlan[] {
  const cards = trays.flatMap((digit, tray) =>
    Array.from({ length: 8 }, (_, i) =>
      plannedCard(board, tray * 8 + i, `0000:${digit}${i + 1}:00.0`, { serial: SERIALS[board], location: i + 1 }),
    ),
  );
  return cards.sort((a, b) => (a.pciAddress < b.pciAddress ? -1 : 1));
}
