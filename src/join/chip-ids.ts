import { hasTwoChips } from '../capacity/two-chip-boards.ts';
import type { Card } from '../sources/sysfs/types.ts';

/** The chip that a region's number belongs to. */
export interface ChipOfCard {
  readonly card: Card;
  /** The n300's second chip, behind the one on PCIe. */
  readonly remote: boolean;
}

/**
 * Finds the chip of a region by the number in its file's name. TT-Metal makes that number in one of several ways (tt-umd,
 * topology discovery), so every candidate of every card is built; one that two cards claim proves nothing and is
 * dropped (all chips of a Galaxy share one serial).
 */
export function chipsByUniqueId(cards: readonly Card[]): ReadonlyMap<bigint, ChipOfCard> {
  const claims = new Map<bigint, ChipOfCard | 'disputed'>();
  const logical = cards.filter((card) => card.driverIndex !== undefined);
  for (const card of cards) {
    for (const [id, remote] of candidateIds(card, logical.indexOf(card))) {
      const other = claims.get(id);
      const same = other !== undefined && other !== 'disputed' && other.card === card && other.remote === remote;
      claims.set(id, other === undefined || same ? { card, remote } : 'disputed');
    }
  }
  const chips = new Map<bigint, ChipOfCard>();
  for (const [id, chip] of claims) if (chip !== 'disputed') chips.set(id, chip);
  return chips;
}

function candidateIds(card: Card, logicalId: number): readonly (readonly [id: bigint, remote: boolean])[] {
  const ids: (readonly [bigint, boolean])[] = [];
  if (card.asicId !== undefined) ids.push([card.asicId, false]);
  // Without an id the file is named after the logical device number.
  if (logicalId >= 0) ids.push([BigInt(logicalId), false]);
  if (card.serial === undefined || sharesSerial(card.board)) return ids;
  ids.push(...(card.arch === 'blackhole' ? blackholeIds(card.serial) : wormholeIds(card.serial, card.board)));
  return ids;
}

/**
 * Chips of a p300 or a Galaxy share one serial, so it cannot tell which of them a number means, even where only one of
 * them answers.
 */
function sharesSerial(board: string | undefined): boolean {
  return board !== undefined && (board.startsWith('p300') || board.startsWith('galaxy'));
}

/** `serial << 5 | location` with trained Ethernet, `serial << 1 | location` by older UMD; a single chip is at location 0. */
function blackholeIds(serial: bigint): (readonly [bigint, boolean])[] {
  return [
    [u64(serial << 5n), false],
    [u64(serial << 1n), false],
  ];
}

/** The serial itself without Ethernet links; with them 2 (on PCIe) or 3 (remote) above 32 bits of the serial. Version 1: `serial << 8 | location`. */
function wormholeIds(serial: bigint, board: string | undefined): (readonly [bigint, boolean])[] {
  const mangled = ((serial >> 4n) & 0xf0000000n) | (serial & 0x0fffffffn);
  const ids: (readonly [bigint, boolean])[] = [
    [serial, false],
    [(2n << 32n) | mangled, false],
    [u64(serial << 8n), false],
  ];
  if (hasTwoChips(board)) {
    ids.push([(3n << 32n) | mangled, true], [u64((serial << 8n) | 1n), true]);
  }
  return ids;
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
