import { BOARDS } from './boards.ts';
import type { Board } from './boards.ts';
import type { CardPlan } from './card-plan.ts';

/** A chip that an application can use: on PCIe, or behind one that is. */
export interface SimulatedChip {
  /** TT-Metal's logical number: chips on PCIe in order of address, then the remote ones (tt-umd: topology_discovery.cpp). */
  readonly logicalId: number;
  /** Index of the card that it is on, or is reached through. */
  readonly card: number;
  readonly remote: boolean;
  readonly chipId: bigint;
}

/** The chips of a host's cards that have a driver. */
export function chipsOf(plans: readonly CardPlan[]): SimulatedChip[] {
  const driven = plans.map((plan, card) => ({ plan, card })).filter(({ plan }) => plan.driverIndex !== undefined);
  const local = driven.map(({ plan, card }) => ({ card, remote: false, chipId: chipId(plan) }));
  const remote = driven
    .filter(({ plan }) => BOARDS[plan.board].remoteChips > 0)
    .map(({ plan, card }) => ({ card, remote: true, chipId: n300ChipId(plan.serial, 1) }));
  return [...local, ...remote].map((chip, logicalId) => ({ logicalId, ...chip }));
}

/** The unique id of a card's own chip, as region files are named (checked against cluster descriptors of real hosts). */
function chipId(plan: CardPlan): bigint {
  const board: Board = BOARDS[plan.board];
  switch (board.name) {
    case 'n150':
      return plan.serial;
    case 'n300':
      return n300ChipId(plan.serial, 0);
    case 'galaxy-wormhole':
      return trayChipId(plan);
    case 'galaxy-blackhole':
      return plan.asicId;
    case 'p300a':
      return (plan.serial << 1n) | BigInt(plan.location);
    default:
      return (plan.serial << 5n) | BigInt(plan.location);
  }
}

/** `location` 0 is the chip on PCIe, 1 the remote one. */
function n300ChipId(serial: bigint, location: number): bigint {
  const board = ((serial >> 4n) & 0xf0000000n) | (serial & 0x0fffffffn);
  return (BigInt(2 + location) << 32n) | board;
}

/** Position in the tray, then seven letters of the tray's serial: nothing in sysfs tells it. */
function trayChipId(plan: CardPlan): bigint {
  const tray = `UBB${plan.pciAddress.slice(5, 6).toUpperCase()}017`;
  return (BigInt(plan.location) << 56n) | BigInt(`0x${Buffer.from(tray, 'latin1').toString('hex')}`);
}
